"""Deliveries held back while what we said to the broker waits for the socket.

A worker whose broker reads slowly, or not at all during a memory alarm, would
otherwise go on working and pile its replies up. What is held is bounded by the
prefetch, since nothing of it is settled. Reading goes on, for heartbeats and
``connection.unblocked`` come the same way.
"""

from collections import deque
from collections.abc import Callable

from contracts.brokers.call_back import call_back, complain
from contracts.brokers.port import Delivery, OnDelivery


class Held:
    """Hands deliveries over in order, now or later.

    ``crowded`` says whether so much waits that no more work should be begun.
    Call ``release`` whenever that may have changed.
    """

    def __init__(self, on_delivery: OnDelivery, crowded: Callable[[], bool]) -> None:
        self._on_delivery = on_delivery
        self._crowded = crowded
        self._waiting: deque[Delivery] = deque()

    def __repr__(self) -> str:
        return f"<Held {len(self._waiting)}>"

    def take(self, delivery: Delivery) -> None:
        """Hand a delivery over, or keep it while it is crowded or others wait before it."""
        if self._waiting or self._crowded():
            self._waiting.append(delivery)
            return
        try:
            self._on_delivery(delivery)
        except Exception as error:  # noqa: BLE001 - as call_back has it, at half its price
            complain(self._on_delivery, error)

    def release(self) -> None:
        """Hand over what waits, until it is crowded again: each may answer with a lot."""
        while self._waiting and not self._crowded():
            call_back(self._on_delivery, self._waiting.popleft())
