"""Our Message as aio-pika's, and back."""

import struct
from datetime import timedelta

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from contracts.brokers.limits import check
from contracts.brokers.port import Message
from contracts.fault import Fault

_MS_PER_S = 1000


def to_aio_pika(message: Message, routing_key: str) -> aio_pika.Message:
    """Give the message that aio-pika publishes.

    Raises Fault ``invalid_request`` for what AMQP cannot carry: at once, since
    aio-pika would say so in a task, or by the loss of the channel.
    """
    check(message, routing_key)
    mode = aio_pika.DeliveryMode
    life = message.expiration_ms
    try:
        made = aio_pika.Message(
            message.body,
            headers=dict(message.headers),
            content_type=message.content_type or None,
            content_encoding=message.content_encoding or None,
            delivery_mode=mode.PERSISTENT if message.persistent else mode.NOT_PERSISTENT,
            priority=message.priority,
            correlation_id=message.correlation_id or None,
            reply_to=message.reply_to or None,
            expiration=None if life is None else timedelta(milliseconds=max(0, life)),
            message_id=message.message_id or None,
            timestamp=message.timestamp,
            type=message.type or None,
            app_id=message.app_id or None,
        )
        made.properties.marshal()
    except (TypeError, ValueError, OverflowError, OSError, struct.error) as error:
        raise Fault("invalid_request", f"AMQP cannot carry this message: {error}") from None
    return made


def from_aio_pika(message: AbstractIncomingMessage) -> Message:
    """Give what aio-pika received.

    aio-pika knows no difference between no priority and priority 0, and gives
    a message without an id a random one when it publishes it.
    """
    life = message.expiration
    return Message(
        body=message.body,
        headers=message.headers,
        content_type=message.content_type or "",
        content_encoding=message.content_encoding or "",
        type=message.type or "",
        correlation_id=message.correlation_id or "",
        reply_to=message.reply_to or "",
        message_id=message.message_id or "",
        app_id=message.app_id or "",
        timestamp=None if message.timestamp is None else int(message.timestamp.timestamp()),
        expiration_ms=round(life * _MS_PER_S) if isinstance(life, int | float) else None,
        priority=message.priority or None,
        persistent=message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT,
    )
