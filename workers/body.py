"""The body of a call as the type that an operation asks for.

Decided by the Content-Type: JSON (also ``+json``) or msgpack. A body without Content-Type is taken
for JSON. Compiled once for each operation.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contracts.call import Call
from contracts.fault import Fault
from contracts.schema import is_model
from workers.violations import decode_model, violations

_Decoder = Callable[[bytes], Any]

# Stands for "no default": None is a default that people use.
REQUIRED: Final = object()

_JSON: Final = frozenset({"", "application/json", "text/json"})
_MSGPACK: Final = frozenset(
    {"application/msgpack", "application/x-msgpack", "application/vnd.msgpack"}
)
_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


class BodyReader:
    """Reads bodies of one type.

    ``read`` gives the value, or raises a Fault:

    - ``unsupported_media_type`` (415): neither JSON nor msgpack;
    - ``invalid_request`` (400): not what the Content-Type says, or empty and needed;
    - ``invalid_body`` (422): well-formed and of another shape; ``errors`` lists all that is wrong.
    """

    __slots__ = ("_default", "_from_json", "_from_msgpack", "_kind")

    def __init__(self, kind: Any, default: object = REQUIRED) -> None:  # noqa: ANN401
        self._kind = kind
        self._default = default
        self._from_json = _json_decoder(kind)
        self._from_msgpack = _msgpack_decoder(kind)

    def read(self, call: Call) -> Any:  # noqa: ANN401 - the operation's own type
        body = call.body
        if not body:
            if self._default is REQUIRED:
                raise Fault("invalid_request", "a body is required")
            return self._default
        media = _media_type(call)
        decode: _Decoder
        parse: _Decoder
        if media in _JSON or media.endswith("+json"):
            decode, parse, name = self._from_json, msgspec.json.decode, "JSON"
        elif media in _MSGPACK:
            decode, parse, name = self._from_msgpack, msgspec.msgpack.decode, "msgpack"
        else:
            raise Fault("unsupported_media_type", "the body must be JSON or msgpack")
        try:
            return decode(body)
        # Also pydantic's error, malformed text, and nesting deeper than the stack.
        except (ValueError, RecursionError) as error:
            raise self._explain(body, parse, name, error) from None

    def _explain(
        self, body: bytes, parse: Callable[[bytes], Any], name: str, error: Exception
    ) -> Fault:
        try:
            value = parse(body)
        except (ValueError, RecursionError) as malformed:
            why = "nested too deep" if isinstance(malformed, RecursionError) else str(malformed)
            return Fault("invalid_request", f"the body is not {name}: {why}")
        found = violations(value, self._kind) or [{"pointer": "", "detail": str(error)}]
        first = found[0]
        return Fault(
            "invalid_body", f"{first['pointer'] or 'body'}: {first['detail']}", errors=found
        )


def _media_type(call: Call) -> str:
    """Give the media type in lower case; parameters only matter when they name a charset."""
    media, _, parameters = call.header("content-type").partition(";")
    if parameters and "charset" in parameters.lower():
        charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip().strip('"')
        if charset not in _UTF8:
            # RFC 8259 section 8.1: JSON between systems is UTF-8.
            raise Fault("unsupported_media_type", "the charset must be UTF-8")
    return media.strip().lower()


def _json_decoder(kind: Any) -> Callable[[bytes], Any]:  # noqa: ANN401
    if is_model(kind):
        return kind.model_validate_json
    return msgspec.json.Decoder(kind, dec_hook=decode_model).decode


def _msgpack_decoder(kind: Any) -> Callable[[bytes], Any]:  # noqa: ANN401
    if is_model(kind):
        return lambda body: kind.model_validate(msgspec.msgpack.decode(body))
    return msgspec.msgpack.Decoder(kind, dec_hook=decode_model).decode
