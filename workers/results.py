"""What an operation returned, as the Reply that goes back.

``None`` is 204 without a body (or the status that the operation declares), ``bytes`` and ``str``
are sent as they are, a Reply is taken as it is, and everything else is JSON.
"""

from typing import Any, Final

import msgspec

from contracts.call import Reply
from contracts.dialects import fields
from contracts.schema import is_model

OK, NO_CONTENT = 200, 204

_JSON: Final = (("content-type", "application/json"),)
_TEXT: Final = (("content-type", "text/plain; charset=utf-8"),)
_BYTES: Final = (("content-type", "application/octet-stream"),)


class UnusableResultError(ValueError):
    """What an operation returned makes no reply; the message is for the worker's log."""


def reply_of(value: Any, status: int | None, worker_us: int) -> Reply:  # noqa: ANN401
    """Turn what an operation returned into a Reply.

    ``status`` is what the operation declares, ``None`` when it does not. Raises
    ``UnusableResultError`` for what cannot be written.
    """
    if value is None:
        return Reply(status=NO_CONTENT if status is None else status, worker_us=worker_us)
    kind = type(value)
    if kind is Reply:
        return _checked(value, worker_us)
    if kind is str:
        headers, body = _TEXT, value.encode(errors="replace")
    elif isinstance(value, bytes | bytearray | memoryview):
        headers, body = _BYTES, bytes(value)
    else:
        headers, body = _JSON, _encode(value)
    return Reply(
        status=OK if status is None else status, headers=headers, body=body, worker_us=worker_us
    )


def _encode(value: Any) -> bytes:  # noqa: ANN401
    try:
        if is_model(type(value)):
            return bytes(value.model_dump_json(), "utf-8")
        return _ENCODER.encode(value)
    # msgspec's own, integers and depth beyond JSON's, lone surrogates.
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UnusableResultError(f"it returned what JSON cannot carry: {error}") from error


def _encode_model(value: Any) -> Any:  # noqa: ANN401
    if is_model(type(value)):
        return value.model_dump(mode="json")
    raise TypeError(f"a {type(value).__name__}")


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_encode_model)


def _checked(reply: Reply, worker_us: int) -> Reply:
    """Check a Reply that the user built, so that the gateway need not call it garbage."""
    if reply.fault is not None:
        return msgspec.structs.replace(reply, worker_us=worker_us)
    try:
        fields.status(reply.status)
        headers = fields.checked(reply.headers)
    except (AttributeError, TypeError, ValueError) as error:
        raise UnusableResultError(f"it returned a Reply that HTTP cannot carry: {error}") from None
    if not isinstance(reply.body, bytes):
        raise UnusableResultError(
            f"it returned a Reply whose body is {type(reply.body).__name__}, not bytes"
        )
    return Reply(status=reply.status, headers=headers, body=reply.body, worker_us=worker_us)
