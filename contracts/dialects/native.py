"""Our own dialect: msgpack, or JSON for who prefers it.

Field by field in docs/wire.md, with test vectors in docs/wire-vectors.json.
What has its default value is left out of the body; a reader takes what is
missing for the default and ignores fields that it does not know, so that
fields can be added without a new version.
"""

import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import UNSET, to_builtins
from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import NO_PARAMS, NOBODY, Call, Caller, Reply
from contracts.codec import MAX_BYTES, Side, pack_checked, pack_json, unpack, unpack_json
from contracts.dialects import fields
from contracts.dialects.faults import (
    ERROR,
    ERROR_CODE,
    TAKES_ALL,
    TAKES_BUNDLES,
    WORKER_TIME,
    read_fault,
    write_fault,
)
from contracts.dialects.headers import read_headers
from contracts.dialects.record import POST, CallBody, CallRecord, ReplyBody, read_call, read_reply
from contracts.fault import Fault

VERSION: Final = 1
MSGPACK: Final = "application/msgpack"
JSON: Final = "application/json"
APP_ID: Final = "queuegate"

Unpacker = Callable[..., Any]


class Native:
    """The dialect ``queuegate``; ``queuegate-json`` when it asks in JSON.

    ``max_bytes`` bounds the messages that are read. It reads both formats,
    whichever it writes. ``takes_all`` is for a worker whose queue never refuses
    a message, and ``bundle`` is how many calls it takes in one: its answers say so.
    """

    def __init__(
        self,
        *,
        content_type: str = MSGPACK,
        max_bytes: int = MAX_BYTES,
        takes_all: bool = False,
        bundle: int = 1,
    ) -> None:
        if content_type not in _READERS:
            raise ValueError(f"the native dialect speaks msgpack and JSON, not {content_type!r}")
        self.name = "queuegate" if content_type == MSGPACK else "queuegate-json"
        self._content_type = content_type
        self._max_bytes = max_bytes
        self._said: dict[str, Any] = {TAKES_ALL: 1} if takes_all else {}
        if takes_all and bundle > 1:
            self._said[TAKES_BUNDLES] = bundle

    def __repr__(self) -> str:
        return f"<Native {self.name}>"

    def request(
        self, call: Call, *, correlation_id: str, reply_to: str, expiration_ms: int
    ) -> Message:
        """Turn a Call into the message that asks for it."""
        # What differs in each call stands first and last: the lane knows by their bytes the headers
        # in between.
        headers: dict[str, Any] = {"x-replay": call.replay} if call.replay else {}
        if call.traceparent:
            headers["traceparent"] = call.traceparent
        headers["x-operation"] = call.operation
        headers["x-attempt"] = call.attempt
        if call.route:
            headers["x-route"] = call.route
        if call.tracestate:
            headers["tracestate"] = call.tracestate
        if call.deadline:
            headers["x-deadline"] = call.deadline
        return Message(
            body=self._write_call(call),
            headers=headers,
            content_type=self._content_type,
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
        worker_us = fields.optional_number(message.headers, WORKER_TIME)
        code = message.headers.get(ERROR_CODE)
        if message.type == ERROR or code is not None:
            fault = read_fault(code if isinstance(code, str) else "", message.body)
            return Reply.of_fault(fault, worker_us=worker_us)
        try:
            if self._is_packed(message):
                usual = read_reply(message.body)
                if usual is not None and not usual.body64:
                    return Reply(
                        status=fields.status(usual.status),
                        headers=fields.checked(usual.headers),
                        body=usual.body,
                        worker_us=worker_us,
                    )
            record = self._read(message, "bad_reply")
            return Reply(
                status=fields.status(record.get("status", fields.LOWEST_STATUS)),
                headers=fields.pairs(record, "headers"),
                body=_body_of(record),
                worker_us=worker_us,
            )
        except fields.Malformed as error:
            return Reply.of_fault(Fault("bad_reply", str(error)), worker_us=worker_us)
        except Fault as fault:
            return Reply.of_fault(fault, worker_us=worker_us)

    def call(self, message: Message) -> Call:
        """Turn the message that asks into a Call, or raise ``invalid_request``."""
        try:
            if self._is_packed(message):
                usual = read_call(message.body)
                if usual is not None and usual.v == VERSION and not usual.body64:
                    return _usual_call(usual, message)
            return _call_of(self._read(message, "invalid_request"), message)
        except fields.Malformed as error:
            raise Fault("invalid_request", str(error)) from None

    def answer(self, reply: Reply, asked: Message) -> Message:
        """Turn a Reply into the message that answers, in the format asked in."""
        if reply.fault is not None:
            return write_fault(reply.fault, asked, worker_us=reply.worker_us, headers={})
        kind = asked.content_type
        if kind != MSGPACK:
            kind = MSGPACK if _kind(kind) == MSGPACK else JSON
        try:
            body = _written_reply(reply, kind)
        except ValueError:
            fault = Fault("worker_error", "the reply cannot be written")
            return write_fault(fault, asked, worker_us=reply.worker_us, headers={})
        return Message(
            body=body,
            headers=self._said
            if reply.worker_us is None
            else {**self._said, WORKER_TIME: reply.worker_us},
            content_type=kind,
            type="res",
            correlation_id=asked.correlation_id,
            message_id=asked.message_id,
        )

    def _is_packed(self, message: Message) -> bool:
        return message.content_type == MSGPACK and len(message.body) <= self._max_bytes

    def _write_call(self, call: Call) -> bytes:
        try:
            if self._content_type == MSGPACK:
                return pack_checked(_body_of_call(call))
            return pack_json(_with_body(_record_of(call), call.body))
        except ValueError as error:
            # A lone surrogate in a path, say: it came from the client.
            raise Fault("invalid_request", f"the call cannot be written: {error}") from None

    def _read(self, message: Message, side: Side) -> Mapping[str, Any]:
        reader = _READERS.get(message.content_type) or _READERS.get(_kind(message.content_type))
        if reader is None:
            raise Fault(side, f"the content type {message.content_type[:80]!r} is not ours")
        record = reader(message.body, side=side, max_bytes=self._max_bytes)
        if type(record) is not dict:
            raise Fault(side, "the body is not a map")
        return record


_READERS: Mapping[str, Unpacker] = {MSGPACK: unpack, JSON: unpack_json}


def _kind(content_type: str) -> str:
    """Strip parameters; no content type at all means msgpack."""
    return content_type.partition(";")[0].strip().lower() or MSGPACK


def _body_of_call(call: Call) -> CallBody:
    caller = call.caller
    return CallBody(
        VERSION,
        call.id,
        call.operation,
        # msgspec leaves out what is the default itself, and not what only equals it.
        POST if call.method == POST else call.method,
        call.path,
        call.query,
        dict(call.params) if call.params else _NO_PARAMS,
        call.headers,
        UNSET if caller is NOBODY or caller == NOBODY else caller,
        call.body,
    )


# msgspec knows no mapping but a dict.
_NO_PARAMS: Final[dict[str, str]] = {}


def _record_of(call: Call) -> dict[str, Any]:
    """Give the same for JSON, but for the body."""
    record: dict[str, Any] = to_builtins(_body_of_call(replace(call, body=b"")))
    return record


def _written_reply(reply: Reply, kind: str) -> bytes:
    if kind == MSGPACK:
        return pack_checked(ReplyBody(reply.status, reply.headers, reply.body))
    record: dict[str, Any] = {"status": reply.status}
    if reply.headers:
        record["headers"] = reply.headers
    return pack_json(_with_body(record, reply.body))


def _usual_call(record: CallRecord, message: Message) -> Call:
    headers = read_headers(message.headers)
    return Call(
        id=record.id if type(record.id) is str else message.message_id,
        operation=record.op,
        method=record.method,
        path=record.path,
        query=record.query,
        params=record.params or NO_PARAMS,
        headers=fields.checked(record.headers),
        body=record.body,
        caller=record.caller or NOBODY,
        deadline=headers.deadline,
        attempt=headers.attempt,
        route=headers.route,
        traceparent=headers.traceparent,
        tracestate=headers.tracestate,
        replay=headers.replay,
        mirror=headers.mirror,
    )


def _call_of(record: Mapping[str, Any], message: Message) -> Call:
    if record.get("v", VERSION) != VERSION:
        raise fields.Malformed(f"version {record['v']!r:.20} of the wire is not known here")
    if "op" not in record:
        raise fields.Malformed("op is missing")
    headers = read_headers(message.headers)
    return Call(
        id=fields.text(record, "id", message.message_id),
        operation=fields.text(record, "op"),
        method=fields.text(record, "method", "POST"),
        path=fields.text(record, "path", "/"),
        query=fields.text(record, "query"),
        params=fields.texts(record, "params") or NO_PARAMS,
        headers=fields.pairs(record, "headers"),
        body=_body_of(record),
        caller=_caller_of(record),
        deadline=headers.deadline,
        attempt=headers.attempt,
        route=headers.route,
        traceparent=headers.traceparent,
        tracestate=headers.tracestate,
        replay=headers.replay,
        mirror=headers.mirror,
    )


def _caller_of(record: Mapping[str, Any]) -> Caller:
    caller = record.get("caller")
    if caller is None:
        return NOBODY
    if type(caller) is not dict:
        raise fields.Malformed("caller is not a map")
    return Caller(
        id=fields.text(caller, "id"),
        address=fields.text(caller, "address"),
        scopes=fields.words(caller, "scopes"),
        groups=fields.words(caller, "groups"),
        roles=fields.words(caller, "roles"),
    )


def _with_body(record: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Put the body in as JSON can carry it."""
    if not body:
        return record
    try:
        record["body"] = body.decode()
    except UnicodeDecodeError:
        record["body64"] = b64encode(body).decode()
    return record


def _body_of(record: Mapping[str, Any]) -> bytes:
    """Take the body out: bytes, text, or base64 in ``body64``."""
    body = record.get("body", b"")
    if type(body) is bytes and (body or "body64" not in record):
        return body
    try:
        if type(body) is str:
            return body.encode()
        if not body:
            return b64decode(fields.text(record, "body64"), validate=True)
    except ValueError:  # a lone surrogate, or no base64
        raise fields.Malformed("the body is not the text that it should be") from None
    raise fields.Malformed("body is neither bytes nor text")
