"""Dead letters: how a message that could not be dealt with is kept, read and sent again.

A dead letter is the message as it was, in the queue ``NAME.dead``, with headers that tell its
story; docs/dead-letters.md has them field by field. What RabbitMQ writes when it moves a message
itself (``x-death``) is kept, and read where ours is missing: so a letter that a policy made can be
listed and sent again like one of ours.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from contracts.brokers.port import Message
from contracts.deadline import after, now_ms

REASON: Final = "x-dead-reason"
DETAIL: Final = "x-dead-detail"
QUEUE: Final = "x-dead-queue"
AT: Final = "x-dead-at"
COUNT: Final = "x-dead-count"
HISTORY: Final = "x-dead-history"
REQUEUED: Final = "x-requeued"
REQUEUED_AT: Final = "x-requeued-at"
# How often a worker was lost with the message: ours, and that of a quorum queue.
ATTEMPTS: Final = "x-attempts"
DELIVERY_COUNT: Final = "x-delivery-count"

HEADERS: Final = (REASON, DETAIL, QUEUE, AT, COUNT, HISTORY, REQUEUED, REQUEUED_AT, ATTEMPTS)

DELIVERY_LIMIT: Final = "delivery_limit"
REPLY_NOT_SENT: Final = "reply_not_sent"

MAX_HISTORY: Final = 10
MAX_DETAIL: Final = 500

_LAST_DEATH: Final = (REASON, DETAIL, QUEUE, AT)
# CC and BCC would have RabbitMQ send the copy to other queues once more; the counts are of a life
# that is over.
_NOT_COPIED: Final = frozenset({"CC", "BCC", ATTEMPTS, DELIVERY_COUNT, *_LAST_DEATH})
_ANONYMOUS: Final = 12
# What still fits AMQP's 64 bits when it is counted on.
_BEYOND: Final = 2**53


class Death(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a message died.

    ``reason`` is a fault's code, ``delivery_limit``, ``reply_not_sent``, or a word of RabbitMQ's:
    ``rejected``, ``expired``, ``maxlen``. ``queue`` is where it was, ``at`` Unix milliseconds, 0
    when nobody wrote it down.
    """

    reason: str
    detail: str = ""
    queue: str = ""
    at: int = 0


UNKNOWN: Final = Death(reason="unknown")


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message in a dead-letter queue, with what its headers tell. Untrusted: anybody may write.

    ``deaths`` has the last one first, at most ten; ``count`` is how often it died in all.
    ``requeued`` is how often it was sent again.
    """

    message: Message
    deaths: tuple[Death, ...] = (UNKNOWN,)
    count: int = 1
    requeued: int = 0

    @property
    def last(self) -> Death:
        """How it died last."""
        return self.deaths[0]

    @property
    def id(self) -> str:
        """What to call it: the request id, else the correlation id, else a digest of the body.

        Not unique: two attempts of one request may both have died.
        """
        message = self.message
        digest = hashlib.sha256(message.body).hexdigest()[:_ANONYMOUS]
        return message.message_id or message.correlation_id or digest

    @property
    def operation(self) -> str:
        """The operation that was asked for; empty when unknown."""
        return _text(self.message.headers.get("x-operation"))

    @property
    def route(self) -> str:
        """The route of the gateway that it came by; empty when unknown."""
        return _text(self.message.headers.get("x-route"))


def dead_queue(queue: str) -> str:
    """Give the name of the queue for what could not be dealt with."""
    return f"{queue}.dead"


def read(message: Message) -> Letter:
    """Read a message of a dead-letter queue; never raises, whatever its headers are."""
    headers = message.headers
    deaths = _deaths(headers.get(HISTORY)) or _broker_deaths(headers.get("x-death"))
    if REASON in headers:
        last = _death(headers, REASON, DETAIL, QUEUE, AT)
        if not deaths or deaths[0].at != last.at:
            deaths = [last, *deaths]
    told = sum(_number(one.get("count")) for one in _records(headers.get("x-death")))
    return Letter(
        message=message,
        deaths=tuple(deaths[:MAX_HISTORY]) or (UNKNOWN,),
        count=_number(headers.get(COUNT)) or told or max(1, len(deaths)),
        requeued=_number(headers.get(REQUEUED)),
    )


def buried(message: Message, death: Death) -> Message:
    """Give the message as its dead-letter queue keeps it.

    Without ``reply_to``: who waited was answered, and must not be answered twice.
    """
    before = read(message) if _died_before(message.headers) else None
    past = before.deaths if before else ()
    death = msgspec.structs.replace(death, detail=death.detail[:MAX_DETAIL])
    headers = _copied(message.headers)
    headers |= {REASON: death.reason, QUEUE: death.queue, AT: death.at}
    if death.detail:
        headers[DETAIL] = death.detail
    headers[COUNT] = 1 + (before.count if before else 0)
    headers[HISTORY] = _history((death, *past))
    return _kept(message, headers)


def requeued(letter: Letter, *, timeout: float | None = None) -> Message:
    """Give the message that sends a letter again.

    Its old deadline is gone, with the one who waited. ``timeout``, in seconds from now, gives it a
    new one; without it the message may wait for ever.
    """
    headers = _copied(letter.message.headers)
    headers.pop("x-deadline", None)
    headers[COUNT] = letter.count
    headers[HISTORY] = _history(letter.deaths)
    headers[REQUEUED] = letter.requeued + 1
    headers[REQUEUED_AT] = now_ms()
    again = _kept(letter.message, headers)
    if timeout is None:
        return again
    headers["x-deadline"] = after(timeout)
    return msgspec.structs.replace(again, expiration_ms=max(1, round(timeout * 1000)))


def counted(message: Message, attempts: int) -> Message:
    """Give the message that says how many workers were lost with it."""
    headers = {name: value for name, value in message.headers.items() if name not in {"CC", "BCC"}}
    return msgspec.structs.replace(message, headers={**headers, ATTEMPTS: attempts})


def attempts(message: Message, *, redelivered: bool) -> int:
    """Count the deliveries of a message that ended without a settlement: workers lost with it.

    A quorum queue counts them; a classic one only says that there was one.
    """
    headers = message.headers
    if not redelivered and ATTEMPTS not in headers and DELIVERY_COUNT not in headers:
        return 0
    counted_by_broker = headers.get(DELIVERY_COUNT)
    since = _number(counted_by_broker) if counted_by_broker is not None else int(redelivered)
    return _number(headers.get(ATTEMPTS)) + since


def _kept(message: Message, headers: dict[str, Any]) -> Message:
    return msgspec.structs.replace(
        message, headers=headers, reply_to="", expiration_ms=None, persistent=True
    )


def _copied(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if name not in _NOT_COPIED}


def _died_before(headers: Mapping[str, Any]) -> bool:
    return REASON in headers or HISTORY in headers or "x-death" in headers


def _history(deaths: Sequence[Death]) -> list[dict[str, Any]]:
    # The rows that are not known are left out: an AMQP table has no need of empty strings.
    return [
        {name: value for name, value in msgspec.structs.asdict(death).items() if value}
        for death in deaths[:MAX_HISTORY]
        if death != UNKNOWN
    ]


def _deaths(value: object) -> list[Death]:
    return [_death(one, "reason", "detail", "queue", "at") for one in _records(value)]


def _broker_deaths(value: object) -> list[Death]:
    return [
        Death(
            reason=_text(one.get("reason")) or UNKNOWN.reason,
            queue=_text(one.get("queue")),
            at=_moment(one.get("time")),
        )
        for one in _records(value)
    ]


def _death(record: Mapping[str, Any], reason: str, detail: str, queue: str, at: str) -> Death:
    return Death(
        reason=_text(record.get(reason)) or UNKNOWN.reason,
        detail=_text(record.get(detail)),
        queue=_text(record.get(queue)),
        at=_number(record.get(at)),
    )


def _records(value: object) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if type(value) is int and 0 <= value < _BEYOND else 0


def _moment(value: object) -> int:
    """Give Unix milliseconds; RabbitMQ's own times have whole seconds."""
    if isinstance(value, time.struct_time):
        value = datetime(*value[:6])  # noqa: DTZ001 - only to read it below
    if isinstance(value, datetime):
        return max(0, round(value.timestamp() * 1000))
    return _number(value) * 1000
