"""Hold a body to its content type: the right one, and true.

Only for routes that say ``body:``; for all others a body is bytes that nobody
looks at. JSON (also ``+json``), msgpack and forms are parsed to see whether
they are what they claim to be, then forgotten: the worker gets the bytes.
Multipart and all other types are held to the list and not parsed.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import msgspec

from contracts import codec
from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot

_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_BAD_ESCAPE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_UTF8: Final = frozenset({"", "utf-8", "utf8"})


class Media:
    """Answers 415 for other content types, 400 for a body that is not of its type."""

    name = "media"
    slot = Slot.SHAPE

    def __init__(self, media: tuple[str, ...], *, required: bool, wellformed: bool) -> None:
        self._media = media
        self._required = required
        self._wellformed = wellformed
        self._exact = frozenset(media)
        self._prefixes = tuple(one[:-1] for one in media if one.endswith("/*"))

    def admit(self, flow: Request) -> Reply | None:
        call = flow.call
        if not call.body:
            if self._required:
                raise Fault("invalid_request", "a body is required here, and there is none")
            return None
        kind, _, parameters = call.header("content-type").partition(";")
        kind = kind.strip().lower()
        if kind not in self._exact and not (kind and kind.startswith(self._prefixes)):
            raise self._refusal(f"the content type {kind!r} is not" if kind else "none was named")
        if self._wellformed:
            check = _check_of(kind)
            if check is not None:
                self._check(call, check, parameters)
        return None

    def settings(self) -> Mapping[str, Any]:
        return {
            "media": list(self._media),
            "required": self._required,
            "wellformed": self._wellformed,
        }

    def _check(self, call: Call, check: Callable[[bytes], None], parameters: str) -> None:
        encoding = call.header("content-encoding")
        if encoding and encoding.strip().lower() != "identity":
            # RFC 9110 section 15.5.16: 415 is also for codings, told by Accept-Encoding.
            raise Fault(
                "unsupported_media_type",
                "a compressed body cannot be checked here",
                headers=(("accept-encoding", "identity"),),
            )
        charset = re.search(r'charset\s*=\s*"?([^";\s]*)', parameters, re.IGNORECASE)
        if charset and charset.group(1).lower() not in _UTF8:
            raise self._refusal("a charset other than UTF-8 is not")
        check(call.body)

    def _refusal(self, what: str) -> Fault:
        taken = ", ".join(self._media)
        # RFC 9110 section 12.5.1: Accept in a 415 says what would have been taken.
        return Fault(
            "unsupported_media_type",
            f"{what} accepted here; send {taken}",
            headers=(("accept", taken),),
        )

    def __repr__(self) -> str:
        return f"<Media {', '.join(self._media)}>"


def build(asked: Mapping[str, Any]) -> Media | None:
    """Build it for a route that sets ``body``."""
    body = asked.get("body")
    if body is None:
        return None
    return Media(body["media"], required=body["required"], wellformed=body["wellformed"])


def _check_of(kind: str) -> Callable[[bytes], None] | None:
    return _json if kind.endswith("+json") else _CHECKS.get(kind)


def _json(body: bytes) -> None:
    try:
        msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Fault(
            "invalid_request", f"the body is not JSON: {_where(str(error), body)}"
        ) from None
    except RecursionError:
        raise Fault("invalid_request", "the body is not JSON: it is nested too deep") from None
    except UnicodeDecodeError as error:
        where = _line_and_column(body, error.start)
        raise Fault("invalid_request", f"the body is not UTF-8: {where}") from None


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


def _msgpack(body: bytes) -> None:
    codec.unpack(body, side="invalid_request", max_bytes=len(body))


def _form(body: bytes) -> None:
    """Check the escapes and that they make UTF-8 (URL Standard section 5.1)."""
    if bad := _BAD_ESCAPE.search(body):
        where = _line_and_column(body, bad.start())
        raise Fault("invalid_request", f"the body is no form: a % encodes nothing at {where}")
    try:
        unquote_to_bytes(body).decode("utf-8")
    except UnicodeDecodeError:
        raise Fault(
            "invalid_request", "the body is no form: it is not UTF-8 when decoded"
        ) from None


_CHECKS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "application/json": _json,
    "application/msgpack": _msgpack,
    "application/vnd.msgpack": _msgpack,
    "application/x-msgpack": _msgpack,
    "application/x-www-form-urlencoded": _form,
}
