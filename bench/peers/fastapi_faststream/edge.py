# Runs in an environment of its own, so the type checker does not see its libraries.
# mypy: disable-error-code="import-not-found,untyped-decorator,import-untyped"
"""FastAPI in front of FastStream's RabbitMQ broker.

``broker.request()`` holds a lock for the whole round trip and subscribes anew each time: one call
at a time a process. So this does what FastStream's documentation offers for more: a reply queue
with a subscriber of its own, ``reply_to``, and futures by correlation id.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import uvicorn
from fastapi import FastAPI
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

REPLIES = f"replies-{os.getpid()}"

# No logger, and no confirms: publish returns once the message is written.
broker = RabbitBroker(
    os.environ["AMQP_URL"],
    logger=None,
    default_channel=Channel(prefetch_count=200, publisher_confirms=False),
)
waiting: dict[str, asyncio.Future[object]] = {}
numbers = count()


@broker.subscriber(RabbitQueue(REPLIES, exclusive=True, durable=False), no_reply=True)
async def on_reply(body: object, message: RabbitMessage) -> None:
    """Wake whoever waits for this answer."""
    answer = waiting.pop(message.correlation_id or "", None)
    if answer is not None and not answer.done():
        answer.set_result(body)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    async with broker:
        await broker.start()
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/echo")
async def echo(body: dict[str, object]) -> object:
    """Send the body to the worker, and its answer back."""
    number = str(next(numbers))
    answer = waiting[number] = asyncio.get_running_loop().create_future()
    await broker.publish(
        body, queue="echo", correlation_id=number, reply_to=REPLIES, mandatory=False
    )
    return await answer


if __name__ == "__main__":
    logging.disable()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",  # the faster parser
        access_log=False,
        log_level="critical",
    )
