"""Deliveries held back while what we said to the broker waits for the socket.

A worker whose broker reads slowly, or not at all during a memory alarm, would
otherwise go on working and pile its replies up. What is held is bounded by the
prefetch, since nothing of it is settled. Reading goes on, for heartbeats and
``connection.unblocked`` come the same way.
"""

from collections import deque

from contracts.brokers.call_back import call_back
from contracts.brokers.port import Delivery, OnDelivery


class Held:
    """Hands deliveries over in order, now or later."""

    def __init__(self, on_delivery: OnDelivery) -> None:
        self._on_delivery = on_delivery
        self._waiting: deque[Delivery] = deque()

    def __repr__(self) -> str:
        return f"<Held {len(self._waiting)}>"

    def take(self, delivery: Delivery, *, hold: bool) -> None:
        """Hand a delivery over, or keep it (``hold``, or others wait before it)."""
        if hold or self._waiting:
            self._waiting.append(delivery)
        else:
            call_back(self._on_delivery, delivery)

    def release(self) -> None:
        """Hand over what waits."""
        waiting, self._waiting = self._waiting, deque()
        for delivery in waiting:
            call_back(self._on_delivery, delivery)
