"""How deep, wide and long a JSON text may be, told without building it.

First a bound that costs next to nothing: a text with twenty brackets in it cannot be nested deeper
than twenty. Most are right by that alone. Only what may be over a limit is walked through, token by
token and no further than to the first limit that it breaks, so a hostile text costs what the limits
allow and not what it holds. Whether it is JSON at all is for the parser to say.
"""

import re
from typing import Final

import msgspec

# A string to its end (or to the end of the text), a number, or what makes the structure.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[-+.0-9eE]++|[\[\]{},]', re.DOTALL)
_SPACE: Final = b" \t\r\n"
_BOMS: Final = (b"\xfe\xff", b"\xff\xfe")
_BOM: Final = b"\xef\xbb\xbf"
_OPEN: Final = {b"[": "list", b"{": "object"}
_CLOSE: Final = frozenset({b"]", b"}"})
_STRUCTURE: Final = frozenset({b",", *_OPEN, *_CLOSE})


class JsonLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The most that a text may have.

    ``depth`` counts open lists and objects; ``keys`` those of one object, ``items`` those of one
    list, ``values`` all of both; ``string`` is the bytes of one string or key as it is written,
    ``number`` the characters of a number.
    """

    depth: int = 32
    keys: int = 256
    items: int = 10_000
    values: int = 50_000
    string: int = 65_536
    number: int = 64


def broken(body: bytes, limits: JsonLimits) -> str:
    """Say what limit a JSON text breaks, in words; empty for none."""
    return "" if _cannot(body, limits) else _walk(body, limits)


def looks_like_json(body: bytes) -> bool:
    """Whether a body is a list, an object or a string to a reader that takes it for JSON."""
    start = body[:64].removeprefix(_BOM).lstrip(_SPACE)[:1] or body.lstrip(_SPACE)[:1]
    return start in {b"{", b"[", b'"'}


def in_another_encoding(body: bytes) -> bool:
    """Whether a body is JSON in UTF-16 or UTF-32, to a reader that guesses.

    RFC 8259 section 8.1 wants UTF-8. Python's own parser takes the others too, and nothing that is
    told from the bytes would hold of what it reads.
    """
    if 0 not in body[:4] and not body.startswith(_BOMS):
        return False
    start = body[:256].lstrip(b"\xfe\xff").replace(b"\0", b"").lstrip(_SPACE)
    return start[:1] in {b"{", b"[", b'"'}


def _cannot(body: bytes, limits: JsonLimits) -> bool:
    """Whether the text is too small to break any limit, whatever its characters stand for."""
    if len(body) > limits.string:
        return False
    opened, commas = body.count(b"[") + body.count(b"{"), body.count(b",")
    return (
        opened <= limits.depth
        and commas < min(limits.keys, limits.items)
        and opened + commas <= limits.values
        and (len(body) <= limits.number or not _long_number(limits.number).search(body))
    )


def _walk(body: bytes, limits: JsonLimits) -> str:
    nest: list[_Nest] = []
    values = limits.values
    for found in _TOKEN.finditer(body):
        token = found[0]
        if token in _STRUCTURE:
            values -= token not in _CLOSE
            trouble = _structure(token, nest, limits)
        else:
            trouble = _leaf(token, limits)
        if trouble or values < 0:
            return trouble or f"it has more than {limits.values} values"
    return ""


class _Nest:
    """What is open: a list or an object, and how many more commas it may have."""

    __slots__ = ("kind", "left")

    def __init__(self, kind: str, most: int) -> None:
        self.kind = kind
        self.left = most - 1


def _structure(token: bytes, nest: list[_Nest], limits: JsonLimits) -> str:
    if kind := _OPEN.get(token):
        if len(nest) == limits.depth:
            return f"it is nested deeper than {limits.depth}"
        nest.append(_Nest(kind, limits.items if kind == "list" else limits.keys))
    elif not nest:
        return ""  # no JSON: for the parser to say
    elif token in _CLOSE:
        nest.pop()
    else:
        nest[-1].left -= 1
        if nest[-1].left < 0:
            return _too_many(nest[-1].kind, limits)
    return ""


def _leaf(token: bytes, limits: JsonLimits) -> str:
    if token.startswith(b'"'):
        if len(token) - 2 > limits.string:
            return f"a string in it is longer than {limits.string} bytes"
    elif len(token) > limits.number:
        return f"a number in it is longer than {limits.number} characters"
    return ""


def _too_many(kind: str, limits: JsonLimits) -> str:
    if kind == "list":
        return f"a list in it has more than {limits.items} items"
    return f"an object in it has more than {limits.keys} keys"


def _long_number(most: int) -> re.Pattern[bytes]:
    # The module keeps what it compiled; routes do not differ by many limits.
    return re.compile(rb"[-+.0-9eE]{%d}" % (most + 1))
