"""Sanic in front of plain aio-pika, by hand: no retry, breaker, deadline, log line or metrics."""

import asyncio
import os
from itertools import count

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from sanic import Request, Sanic
from sanic.response import HTTPResponse, raw

app = Sanic("peer", configure_logging=False)
app.config.ACCESS_LOG = False

waiting: dict[str, asyncio.Future[bytes]] = {}
numbers = count()


async def on_reply(message: AbstractIncomingMessage) -> None:
    """Wake whoever waits for this answer."""
    answer = waiting.pop(message.correlation_id or "", None)
    if answer is not None and not answer.done():
        answer.set_result(message.body)


@app.before_server_start
async def connect(app: Sanic) -> None:  # type: ignore[type-arg]
    """Open one connection and one channel, as aio-pika's examples do."""
    connection = await aio_pika.connect_robust(os.environ["AMQP_URL"])
    # Without confirms: publish returns once the message is written.
    channel = await connection.channel(publisher_confirms=False)
    # An exclusive reply queue; no acks, for a reply that is lost is lost.
    replies = await channel.declare_queue(exclusive=True)
    await replies.consume(on_reply, no_ack=True)
    app.ctx.publish = channel.default_exchange.publish
    app.ctx.reply_to = replies.name


@app.post("/echo")
async def echo(request: Request) -> HTTPResponse:
    """Send the bytes to the worker, and its bytes back."""
    number = str(next(numbers))
    answer = waiting[number] = asyncio.get_running_loop().create_future()
    # Transient by default; not mandatory, which spares the broker and us a return handler.
    message = aio_pika.Message(
        request.body,
        content_type="application/json",
        correlation_id=number,
        reply_to=app.ctx.reply_to,
    )
    await app.ctx.publish(message, routing_key="echo", mandatory=False)
    return raw(await answer, content_type="application/json")


if __name__ == "__main__":
    app.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        single_process=True,  # no manager process beside it; uvloop is Sanic's default
        access_log=False,
        motd=False,
    )
