"""A worker on plain aio-pika: one callback, the reply first and the ack second."""

import asyncio
import os

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage


async def main() -> None:
    """Consume until killed."""
    connection = await aio_pika.connect_robust(os.environ["AMQP_URL"])
    channel = await connection.channel(publisher_confirms=False)
    await channel.set_qos(prefetch_count=200)
    queue = await channel.declare_queue("echo", durable=True)
    publish = channel.default_exchange.publish

    async def on_call(message: AbstractIncomingMessage) -> None:
        reply = aio_pika.Message(
            message.body,
            content_type=message.content_type,
            correlation_id=message.correlation_id,
        )
        await publish(reply, routing_key=message.reply_to or "", mandatory=False)
        await message.ack()

    await queue.consume(on_call)
    await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    uvloop.run(main())
