# Runs in an environment of its own, so the type checker does not see its libraries.
# mypy: disable-error-code="import-not-found,untyped-decorator,import-untyped"
"""A FastStream service with one subscriber, whose return value is the reply."""

import logging
import os

import uvloop
from faststream import FastStream
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue

broker = RabbitBroker(
    os.environ["AMQP_URL"],
    logger=None,
    default_channel=Channel(prefetch_count=200, publisher_confirms=False),
)


@broker.subscriber(RabbitQueue("echo", durable=True))
async def echo(body: dict[str, object]) -> dict[str, object]:
    """Give the body back."""
    return body


if __name__ == "__main__":
    logging.disable()
    uvloop.run(FastStream(broker, logger=None).run())
