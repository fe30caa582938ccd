"""The least a worker can do on the broker port: reply with the body, then ack.

python -m bench.programs.floor_worker URL
"""

import asyncio
import sys
from typing import Final

from contracts import loop
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Delivery, Message, Queue

QUEUE: Final = "floor"


def answer(delivery: Delivery) -> None:
    """Give the body back to whoever asked."""
    asked = delivery.message
    reply = Message(body=asked.body, correlation_id=asked.correlation_id)
    delivery.publish(reply, asked.reply_to)
    delivery.ack()


async def main(url: str) -> None:
    """Serve until killed."""
    broker = open_broker(url, name="floor-worker")
    broker.start()
    await broker.ready(30)
    await broker.declare(Queue(name=QUEUE))
    await broker.consume(QUEUE, answer, prefetch=200)
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    loop.run(main(sys.argv[1]))
