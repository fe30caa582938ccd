"""HTTP header fields on their way through: what passes, and what is refused.

A gateway is an intermediary, and RFC 9110 section 7.6.1 says which fields end
with the connection: those of the list below and those that ``Connection``
names. Field names and values that come from a worker are checked against the
grammar of section 5.5 and 5.6.2, since a worker's bytes could otherwise end
the header and begin a response of their own.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

# The length is the edge's to say: it knows what it sends.
_NOT_FROM_WORKERS = HOP_BY_HOP | {"content-length", "date", "x-request-id"}

# Lists that several parties write: what the gateway has to say joins what the worker said.
_LISTS = frozenset(
    {"cache-status", "link", "server-timing", "set-cookie", "vary", "via", "www-authenticate"}
)

# To the worker, the length is that of the message's body.
_NOT_TO_WORKERS = HOP_BY_HOP | {"content-length", "expect"}

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

Pairs = tuple[tuple[str, str], ...]


def to_worker(fields: Iterable[tuple[str, str]]) -> Pairs:
    """Drop what ends at this hop. Names come in lower case."""
    # str(): the server's names are of a subclass that codecs do not know.
    kept = tuple([(str(pair[0]), pair[1]) for pair in fields if pair[0] not in _NOT_TO_WORKERS])
    named = [value for name, value in fields if name == "connection"]
    if not named or all(value.lower() in {"keep-alive", "close"} for value in named):
        return kept
    also = {token.strip().lower() for value in named for token in value.split(",")}
    return tuple(pair for pair in kept if pair[0] not in also)


def readable(value: str) -> str:
    """Make text of a value whose bytes were not UTF-8: each byte a character, as in Latin-1.

    RFC 9110 section 5.5 lets a field hold any byte from 80 to FF and gives it
    no meaning. The server hands such bytes on as lone surrogates, which no
    message can carry.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


@lru_cache(maxsize=256)
def from_worker(fields: Pairs, ours: tuple[str, ...] = ()) -> bytes | None:
    """Write a reply's fields as lines of a header section; ``None`` if any is unfit.

    What is not the worker's to say is dropped, and what the gateway says in its place: names in
    lower case in ``ours``. Workers say the same again and again, so what was checked and written
    once is kept.
    """
    lines = []
    for name, value in without(fields, ours) if ours else fields:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            return None
        lower = name.lower()
        if lower not in _NOT_FROM_WORKERS:
            lines.append(f"{lower}: {value}\r\n")
    return "".join(lines).encode("latin-1")


def without(fields: Pairs, ours: Iterable[str]) -> Pairs:
    """Take out of a reply's fields what the gateway says in its place."""
    names = set(ours) - _LISTS
    return tuple(pair for pair in fields if pair[0].lower() not in names)


def from_gateway(fields: Iterable[tuple[str, str]]) -> bytes | None:
    """Write fields of our own, named in lower case; ``None`` if any is unfit.

    They may quote what a client or a worker said, so they are held to the same grammar.
    """
    lines = []
    for name, value in fields:
        # Most are plain ASCII, which is told without a look at each character here.
        plain = value.isascii() and value.isprintable()
        if not (plain or _VALUE.fullmatch(value)) or not _is_name(name):
            return None
        lines.append(f"{name}: {value}\r\n")
    return "".join(lines).encode("latin-1")


@lru_cache(maxsize=256)
def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))
