"""A body as a person may see it: decoded where it is text, bounded, harmless on a terminal."""

import base64
from typing import Any, Final

import msgspec

from contracts.brokers.port import Message
from contracts.codec import unpack
from contracts.fault import Fault

MOST: Final = 200
"""Characters that are shown of a body, unless somebody asks for more."""

# More than this is not decoded to be shown: a terminal has no use for it.
_MOST_DECODED: Final = 256 * 1024
_MSGPACK: Final = frozenset({"application/msgpack", "application/x-msgpack"})


def preview(message: Message, most: int = MOST) -> str:
    """Give the beginning of a message's body, at most ``most`` characters and one line.

    JSON and msgpack become compact JSON, text stays text, other bytes are hexadecimal. What could
    talk to a terminal is escaped. Never raises.
    """
    body = message.body
    if not body:
        return ""
    text = _decoded(message) if len(body) <= _MOST_DECODED else None
    if text is None:
        try:
            text = body[: 4 * most].decode()
        except UnicodeDecodeError:
            return f"0x{_cut(body[:most].hex(), most)}"
    # One character more than is shown tells that there is more.
    return _cut(harmless(text[: most + 1]), most)


def harmless(text: str) -> str:
    """Escape what is not printable: line ends, control sequences, text that runs backwards."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode()
        for char in text
    )


def _decoded(message: Message) -> str | None:
    kind = message.content_type.partition(";")[0].strip().lower()
    try:
        if kind in _MSGPACK:
            value = unpack(message.body, side="invalid_request")
        elif kind == "application/json" or kind.endswith("+json"):
            value = msgspec.json.decode(message.body)
        else:
            return None
        return msgspec.json.encode(_printable(value)).decode()
    except (Fault, ValueError, RecursionError):
        return None


def _printable(value: Any) -> Any:  # noqa: ANN401 - whatever was packed
    """Turn bytes inside a value into text, or into base64 when they are none."""
    match value:
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return f"base64:{base64.b64encode(value).decode()}"
        case list():
            return [_printable(one) for one in value]
        case dict():
            return {key: _printable(one) for key, one in value.items()}
        case _:
            return value


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
