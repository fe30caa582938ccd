"""Publishing and waiting for the broker's word: for what must not be lost and is rare."""

import asyncio

from contracts.brokers.port import Broker, Message
from contracts.fault import Fault


async def publish_confirmed(
    broker: Broker,
    message: Message,
    *,
    routing_key: str,
    exchange: str = "",
    within: float | None = None,
) -> None:
    """Publish to a queue or an exchange, and return when the broker has taken the message.

    Raises the Fault that says why it did not: ``no_route``, ``busy``, ``broker_down`` and the
    others of :meth:`Broker.publish`. After ``within`` seconds without a word it is
    ``broker_blocked``, and the message may have got through (``not_run`` is False).
    """
    outcome: asyncio.Future[Fault | None] = asyncio.get_running_loop().create_future()

    def hear(fault: Fault | None) -> None:
        if not outcome.done():
            outcome.set_result(fault)

    broker.publish(message, routing_key=routing_key, exchange=exchange, on_outcome=hear)
    try:
        async with asyncio.timeout(within):
            fault = await outcome
    except TimeoutError:
        detail = f"the broker did not confirm within {within:g} s"
        raise Fault("broker_blocked", detail, not_run=False) from None
    if fault is not None:
        raise fault
