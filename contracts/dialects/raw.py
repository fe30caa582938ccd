"""The raw dialect: the HTTP body is the AMQP body, all else is in headers.

A consumer that knows nothing of queuegate can serve a route: it reads the
body as the client sent it and publishes its answer to ``reply_to`` with the
same correlation id. Field by field in docs/wire.md.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from contracts.brokers.port import Message
from contracts.call import Call, Reply
from contracts.codec import MAX_BYTES
from contracts.dialects import fields
from contracts.dialects.faults import ERROR, ERROR_CODE, WORKER_TIME, read_fault, write_fault
from contracts.dialects.headers import read_headers
from contracts.fault import Fault

APP_ID: Final = "queuegate"
STATUS: Final = "x-status"
HEADER: Final = "x-header-"
PARAM: Final = "x-param-"

# The name of an AMQP header is at most 128 bytes (AMQP 0-9-1 section 4.2.5.5).
MAX_NAME: Final = 128

# They travel as properties of the message, or follow from the body.
_ELSEWHERE = frozenset({"content-type", "content-encoding", "content-length"})
# RFC 9110 section 7.6.1. A worker's words about its own connection say nothing about ours.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "proxy-authenticate", "proxy-authorization"}
)
_NOT_CARRIED = _ELSEWHERE | _HOP_BY_HOP


class Raw:
    """The dialect ``raw``. ``max_bytes`` bounds the messages that are read."""

    name: Final = "raw"

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes

    def __repr__(self) -> str:
        return "<Raw>"

    def request(
        self, call: Call, *, correlation_id: str, reply_to: str, expiration_ms: int
    ) -> Message:
        """Turn a Call into the message that asks for it."""
        headers: dict[str, Any] = {
            "x-method": call.method,
            "x-path": call.path,
            "x-operation": call.operation,
            "x-attempt": call.attempt,
            "x-request-id": call.id,
        }
        if call.query:
            headers["x-query"] = call.query
        if call.route:
            headers["x-route"] = call.route
        if call.traceparent:
            headers["traceparent"] = call.traceparent
            if call.tracestate:
                headers["tracestate"] = call.tracestate
        if call.replay:
            headers["x-replay"] = call.replay
        for name, value in call.params.items():
            headers[PARAM + name] = value
        for name, values in _gathered(call.headers):
            # RFC 9110 section 5.3; cookies have a separator of their own (RFC 9113, 8.2.3).
            headers[HEADER + name] = ("; " if name == "cookie" else ", ").join(values)
        if call.deadline:
            # Last, as in the native dialect.
            headers["x-deadline"] = call.deadline
        return Message(
            body=call.body,
            headers=headers,
            content_type=call.header("content-type"),
            content_encoding=call.header("content-encoding"),
            type="req",
            correlation_id=correlation_id,
            reply_to=reply_to,
            message_id=call.id,
            app_id=APP_ID,
            timestamp=int(time.time()),
            expiration_ms=expiration_ms,
        )

    def reply(self, message: Message) -> Reply:
        """Turn the answer into a Reply; what makes no sense is ``bad_reply``."""
        headers = message.headers
        worker_us = fields.optional_number(headers, WORKER_TIME)
        try:
            self._check_size(message, "bad_reply")
            status = _status_of(headers)
            code = headers.get(ERROR_CODE)
            if code is not None or message.type == ERROR:
                fault = read_fault(
                    code if isinstance(code, str) else "", message.body, status=status
                )
                return Reply.of_fault(fault, worker_us=worker_us)
            return Reply(
                status=fields.LOWEST_STATUS if status is None else status,
                headers=tuple(_http_headers(message)),
                body=message.body,
                worker_us=worker_us,
            )
        except fields.Malformed as error:
            return Reply.of_fault(Fault("bad_reply", str(error)), worker_us=worker_us)
        except Fault as fault:
            return Reply.of_fault(fault, worker_us=worker_us)

    def call(self, message: Message) -> Call:
        """Turn the message that asks into a Call, or raise ``invalid_request``.

        A message that did not come from a gateway may lack every header: its
        operation is empty then, and its id is the correlation id.
        """
        self._check_size(message, "invalid_request")
        try:
            return _call_of(message)
        except fields.Malformed as error:
            raise Fault("invalid_request", str(error)) from None

    def answer(self, reply: Reply, asked: Message) -> Message:
        """Turn a Reply, or the fault in it, into the message that answers."""
        if reply.fault is not None:
            return write_fault(
                reply.fault,
                asked,
                worker_us=reply.worker_us,
                headers={STATUS: reply.fault.status},
            )
        headers: dict[str, Any] = {STATUS: reply.status}
        if reply.worker_us is not None:
            headers[WORKER_TIME] = reply.worker_us
        for name, values in _gathered(reply.headers):
            # A list where there are several: Set-Cookie cannot be joined (RFC 9110 section 5.3).
            headers[HEADER + name] = values if len(values) > 1 else values[0]
        return Message(
            body=reply.body,
            headers=headers,
            content_type=reply.header("content-type"),
            content_encoding=reply.header("content-encoding"),
            type="res",
            correlation_id=asked.correlation_id,
            message_id=asked.message_id,
        )

    def _check_size(self, message: Message, side: str) -> None:
        if len(message.body) > self._max_bytes:
            raise Fault(side, f"the message has more than {self._max_bytes} bytes")


def _gathered(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, list[str]]]:
    """Group HTTP headers by name, without those that do not travel."""
    groups: dict[str, list[str]] = {}
    for name, value in headers:
        # A name too long for AMQP is left out: it is no reason to refuse the call.
        if name not in _NOT_CARRIED and len(HEADER) + len(name) <= MAX_NAME:
            groups.setdefault(name, []).append(value)
    return groups.items()


def _http_headers(message: Message) -> Iterator[tuple[str, str]]:
    if message.content_type:
        yield fields.header("content-type", message.content_type)
    if message.content_encoding:
        yield fields.header("content-encoding", message.content_encoding)
    for name, value in message.headers.items():
        if name.startswith(HEADER):
            short = name[len(HEADER) :].lower()
            for one in value if isinstance(value, list) else (value,):
                if short not in _NOT_CARRIED:
                    yield fields.header(short, str(one) if type(one) is int else one)


def _status_of(headers: Mapping[str, Any]) -> int | None:
    """Give the status; digits in a string do too, some clients have only strings."""
    value = headers.get(STATUS)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:  # noqa: PLR2004 - digits
        value = int(value)
    return None if value is None else fields.status(value)


def _call_of(message: Message) -> Call:
    headers = message.headers
    common = read_headers(headers)
    params = {
        name[len(PARAM) :]: fields.text(headers, name) for name in headers if name.startswith(PARAM)
    }
    return Call(
        id=fields.text(headers, "x-request-id", message.message_id or message.correlation_id),
        operation=fields.text(headers, "x-operation"),
        method=fields.text(headers, "x-method", "POST"),
        path=fields.text(headers, "x-path", "/"),
        query=fields.text(headers, "x-query"),
        params=params,
        headers=tuple(_http_headers(message)),
        body=message.body,
        deadline=common.deadline,
        attempt=common.attempt,
        route=common.route,
        traceparent=common.traceparent,
        tracestate=common.tracestate,
        replay=common.replay,
        mirror=common.mirror,
    )
