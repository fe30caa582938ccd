"""A consumer that knows nothing of queuegate, behind a route with `dialect: raw`.

It gets the bytes that the client sent, and answers with bytes. All that it owes the gateway is the
correlation id; status, headers and errors are there for who wants them.
"""

import asyncio
import os
from urllib.parse import parse_qs

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

QUEUE = "thumbnails"


def shrink(image: bytes, width: int) -> bytes:
    """Stand in for the real work."""
    return image[:width]


async def main() -> None:
    """Serve until the process ends."""
    connection = await aio_pika.connect_robust(os.environ["BROKER_URL"])
    async with connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=10)
        queue = await channel.declare_queue(QUEUE, durable=True)

        async def answer(message: AbstractIncomingMessage) -> None:
            query = parse_qs(str(message.headers.get("x-query", "")))
            width = query.get("width", ["128"])[0]
            if width.isdigit():
                body, status = shrink(message.body, int(width)), 200
            else:
                body, status = b"width is a number of pixels", 400
            if message.reply_to:
                # Not mandatory: a client that has left needs no answer.
                await channel.default_exchange.publish(
                    aio_pika.Message(
                        body,
                        content_type=message.content_type if status == 200 else "text/plain",
                        correlation_id=message.correlation_id,
                        headers={"x-status": status},
                    ),
                    routing_key=message.reply_to,
                    mandatory=False,
                )
            # The answer first, then the ack: a crash in between repeats the work and loses nothing.
            await message.ack()

        await queue.consume(answer)
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
