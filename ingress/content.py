"""What a body says: bytes become a value by their content type, once a request.

Well-formedness, limits, validation and transformation all want the value; whoever asks first has
it parsed, and the others get the same one. Nobody changes a value that came from here.
"""

import re
import sys
from collections.abc import Callable, Mapping
from itertools import accumulate, count
from operator import sub
from typing import Any, Final, Protocol
from urllib.parse import unquote_to_bytes

import msgspec

from contracts import codec
from contracts.call import Call
from contracts.fault import Fault
from ingress.representation import cbor

_NOTE: Final = "content"
_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_CHARSET: Final = re.compile(r'charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
# A string to its end, or to the end of the text.
_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
# Brackets as 2 (one more is open) and 0 (one less), so that they are bytes; all others go.
_STEPS: Final = bytes.maketrans(b"[{]}", b"\x02\x02\x00\x00")
_PLAIN: Final = bytes(set(range(256)) - set(b"[{]}"))
_DEEPEST: Final = 1000
_GUARDED: Final = sys.version_info >= (3, 12)
# Below so many brackets no depth is dangerous, and looking for it is not worth its time.
_MANY: Final = 5000
_UTF8: Final = frozenset({"", "utf-8", "utf8"})

Parse = Callable[[bytes], Any]


class Bearer(Protocol):
    """Who bears a request: a Flow, of which no more is needed here."""

    call: Call
    notes: dict[str, Any]


def value(flow: Bearer) -> Any:  # noqa: ANN401 - whatever the body says
    """Give the value of the request's body.

    A body without a content type is taken for JSON, as workers take it. Raises Fault
    ``invalid_request`` for a body that is not of its type, ``unsupported_media_type`` for a type
    that nobody here can read, for one that is compressed, and for a charset other than UTF-8.
    """
    call = flow.call
    known = flow.notes.get(_NOTE)
    if known is None or known[0] is not call.body:
        known = flow.notes[_NOTE] = (call.body, _read(call))
    return known[1]


def remember(flow: Bearer, parsed: object) -> None:
    """Say what the body that ``flow.call`` has now means, for who has just made it."""
    flow.notes[_NOTE] = (flow.call.body, parsed)


def kind_of(content_type: str) -> str:
    """Give the media type without its parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()


def parser_of(kind: str) -> Parse | None:
    """Give what parses bodies of this media type, ``None`` when nothing here does."""
    return _json if kind.endswith("+json") else _PARSERS.get(kind)


def _read(call: Call) -> Any:  # noqa: ANN401
    content_type = call.header("content-type")
    parse = parser_of(kind_of(content_type))
    if parse is None:
        raise _unsupported(f"the content type {kind_of(content_type)!r} is not")
    encoding = call.header("content-encoding")
    if encoding and encoding.strip().lower() != "identity":
        # RFC 9110 section 15.5.16: 415 is also for codings, told by Accept-Encoding.
        raise Fault(
            "unsupported_media_type",
            "a compressed body cannot be checked here",
            headers=(("accept-encoding", "identity"),),
        )
    charset = _CHARSET.search(content_type.partition(";")[2])
    if charset and charset.group(1).lower() not in _UTF8:
        raise _unsupported("a charset other than UTF-8 is not")
    return parse(call.body)


def _unsupported(what: str) -> Fault:
    # RFC 9110 section 12.5.1: Accept in a 415 says what would have been taken.
    return Fault(
        "unsupported_media_type",
        f"{what} accepted here; send application/json",
        headers=(("accept", "application/json"),),
    )


def _json(body: bytes) -> Any:  # noqa: ANN401
    if _GUARDED and body.count(b"[") + body.count(b"{") > _MANY and deeper_than(body, _DEEPEST):
        raise Fault("invalid_request", "the body is not JSON: it is nested too deep")
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Fault(
            "invalid_request", f"the body is not JSON: {_where(str(error), body)}"
        ) from None
    except RecursionError:
        raise Fault("invalid_request", "the body is not JSON: it is nested too deep") from None
    except UnicodeDecodeError as error:
        where = _line_and_column(body, error.start)
        raise Fault("invalid_request", f"the body is not UTF-8: {where}") from None


def deeper_than(body: bytes, most: int) -> bool:
    """Say whether brackets are open inside of each other more than ``most`` times.

    The parser has a limit of its own: 1000 up to Python 3.11, then 10,000, and since 3.14 what the
    stack holds. The validator, which comes after it, needs more stack for each level.
    """
    steps = _STRINGS.sub(b"", body).translate(_STEPS, delete=_PLAIN)
    # Each step is one too many, and so is taken back: this way all of it runs in C.
    return max(map(sub, accumulate(steps), count(1)), default=0) > most


def _where(message: str, body: bytes) -> str:
    """Turn the parser's byte offset into a line and a column."""
    text = message.removeprefix("JSON is malformed: ").removeprefix("Input data was ")
    if found := _BYTE.search(text):
        place = _line_and_column(body, int(found.group(1)))
        return f"{text[: found.start()].rstrip()} at {place}"
    return f"{text} at {_line_and_column(body, len(body))}"


def _line_and_column(body: bytes, offset: int) -> str:
    line_start = body.rfind(b"\n", 0, offset) + 1
    line = body.count(b"\n", 0, offset) + 1
    return f"line {line}, column {offset - line_start + 1}"


def _msgpack(body: bytes) -> Any:  # noqa: ANN401
    return codec.unpack(body, side="invalid_request", max_bytes=len(body))


def _form(body: bytes) -> dict[str, str | list[str]]:
    """Read a form (URL Standard section 5.1); a name that comes again makes a list."""
    if bad := _BAD_ESCAPE.search(body):
        where = _line_and_column(body, bad.start())
        raise Fault("invalid_request", f"the body is no form: a % encodes nothing at {where}")
    found: dict[str, list[str]] = {}
    try:
        if body.count(b"&") >= MOST_FIELDS:
            raise Fault("invalid_request", f"the form has more than {MOST_FIELDS} fields")
        for pair in filter(None, body.split(b"&")):
            name, _, text = (_unquote(part) for part in pair.partition(b"="))
            found.setdefault(name, []).append(text)
    except UnicodeDecodeError:
        raise Fault(
            "invalid_request", "the body is no form: it is not UTF-8 when decoded"
        ) from None
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in found.items()}


def _unquote(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")


# As many as a person fills in, and few enough that a hostile form costs little.
MOST_FIELDS: Final = 1000

_PARSERS: Final[Mapping[str, Parse]] = {
    "": _json,
    "application/json": _json,
    "text/json": _json,
    "application/cbor": cbor.unpack,
    "application/msgpack": _msgpack,
    "application/vnd.msgpack": _msgpack,
    "application/x-msgpack": _msgpack,
    "application/x-www-form-urlencoded": _form,
}
