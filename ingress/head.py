"""Reads the head of a usual request in one look.

Usual is a whole HTTP/1.1 head with a path, one Host, at most one length, and nothing that changes
how the connection goes on. Whatever else comes is left to the long way (``ingress.sanic_app``),
which reads on, waits, and refuses with the right words. So this reader may be strict, and says
``None`` instead of why.

A client says the same lines again with each request, so a line that was read once is known: its
name in lower case, its value as text, and what it means here. Lines that may hold a secret are
read anew each time, so that none is kept: those of usual names, and what the route file names. Of
them only the name is known.
"""

import re
from collections.abc import Collection
from typing import Final

import msgspec

from ingress import request_id
from ingress.fields import HOP_BY_HOP
from ingress.grammar import TOKEN
from ingress.guard import hosts, proxies
from ingress.guard.limits import USUAL, Limits
from ingress.journal import names
from ingress.replay import mark

_END: Final = b"\r\n\r\n"
# A target in another form than a path (RFC 9112 section 3.2) is unusual.
_REQUEST: Final = re.compile(
    rb"(" + TOKEN + rb"++) (/[!\x22$->@-~]*+)(?:\?([!\x22$-~]*+))? HTTP/1\.1"
)
_FIELD: Final = re.compile(rb"(" + TOKEN + rb"++):[\t ]*+([\t\x20-\x7e\x80-\xff]*+)")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")

# What a line means, as flags: it goes on to the worker; it is looked at; there may be one of it.
# No flag: it ends here. Unusual: what it asks for is not done on the short way.
_PASSES, _NOTED, _ONCE, _UNUSUAL = 1, 2, 4, 8
_MEANINGS: Final = {
    "host": _PASSES | _NOTED | _ONCE,
    "content-length": _NOTED | _ONCE,
    request_id.HEADER: _PASSES | _NOTED,
    mark.HEADER: _PASSES | _NOTED,
    "traceparent": _PASSES | _NOTED,
    "tracestate": _PASSES | _NOTED,
    "connection": _UNUSUAL,
    "transfer-encoding": _UNUSUAL,
    "expect": _UNUSUAL,
    "upgrade": _UNUSUAL,
    "trailer": _UNUSUAL,
    # These are refused, for the names that others read in them.
    "content_length": _UNUSUAL,
    "transfer_encoding": _UNUSUAL,
}
_BY_VALUE: Final = frozenset({"connection", "content-length", "host"})
# Lines, and bytes of each: what is kept is bounded by their product, a megabyte.
_MOST, _LONGEST = 4096, 256
# Names of secret fields as clients write them: few, for all but who plays with their case.
_SPELLINGS: Final = 64

_Line = tuple[int, tuple[str, str]]
_NO_LINE: Final[_Line] = (_UNUSUAL, ("", ""))


class Head(msgspec.Struct, frozen=True, gc=False):
    """A usual request's head. ``end`` is where its body begins, of ``length`` bytes.

    ``fields`` are those for the worker, names in lower case; ``given_id``, ``traceparent`` and
    ``tracestate`` are the first of their names, unchecked, empty when there is none. ``marked``
    says that somebody calls it a replay.
    """

    method: str
    path: str
    query: str
    fields: tuple[tuple[str, str], ...]
    length: int
    end: int
    given_id: str
    traceparent: str
    tracestate: str
    marked: bool


class HeadReader:
    """Reads heads within ``limits``, and remembers the lines that it has read.

    A Host that is not among the ``allowed`` is unusual. ``claims`` says whether what is said of
    where a request comes from is handed on. ``secret`` are more names, in lower case, of fields
    that hold credentials.
    """

    def __init__(
        self,
        limits: Limits = USUAL,
        allowed: hosts.Allowed = hosts.ANY,
        *,
        claims: bool = False,
        secret: Collection[str] = (),
    ) -> None:
        self._lines: dict[bytes, _Line] = {}
        # By a name with its colon: what the line means, and the name in lower case.
        self._secrets: dict[bytes, tuple[int, str]] = {}
        self._limits = limits
        self._allowed = allowed
        self._claims = claims
        self._forgotten = names.HEADERS.union(secret)

    def read(self, data: bytes, start: int = 0) -> Head | None:
        """Read the head that begins at ``start``; ``None`` when it is not a usual one."""
        end = data.find(_END, start)
        limits = self._limits
        if not 0 < end - start < limits.max_header_size:
            return None
        first, *lines = data[start:end].split(b"\r\n")
        if len(lines) > limits.max_headers or len(first) > limits.max_url:
            return None
        said = _REQUEST.fullmatch(first)
        # To connect is asked of a proxy, and a success would end HTTP on this connection (RFC 9110
        # section 9.3.6): it is refused on the long way.
        if said is None or said[1] == b"CONNECT":
            return None
        fields: list[tuple[str, str]] = []
        noted: dict[str, str] = {}
        if not self._sort(lines, fields, noted) or "host" not in noted:
            return None
        method, path, query = said.groups(b"")
        return Head(
            method.decode(),
            path.decode(),
            query.decode(),
            tuple(fields),
            int(noted.get("content-length", 0)),
            end + 4,
            noted.get(request_id.HEADER, ""),
            noted.get("traceparent", ""),
            noted.get("tracestate", ""),
            mark.HEADER in noted,
        )

    def _sort(
        self, lines: list[bytes], fields: list[tuple[str, str]], noted: dict[str, str]
    ) -> bool:
        """Sort lines into what passes and the first of what is looked at; whether all is usual."""
        known = self._lines
        for line in lines:
            meaning, field = known.get(line) or self._learn(line)
            if meaning & _PASSES:
                fields.append(field)
            if meaning > _PASSES:
                name, value = field
                if meaning & _UNUSUAL or (meaning & _ONCE and name in noted):
                    return False
                noted.setdefault(name, value)
        return True

    def _learn(self, line: bytes) -> _Line:
        """Read a line that is not known yet, or must not be."""
        begins = line.find(b":") + 1
        secret = self._secrets.get(line[:begins])
        if secret is not None:
            text = line[begins:].strip(b" \t").decode("latin-1")
            if text.isascii() and text.isprintable():
                return secret[0], (secret[1], text)
        said = _FIELD.fullmatch(line)
        if said is None:
            return _NO_LINE
        name, value = said[1].decode().lower(), _text(said[2].rstrip(b" \t"))
        read = (self._meaning(name, value), (name, value))
        if name in self._forgotten:
            self._know(line[:begins], name, read[0])
        elif len(line) <= _LONGEST:
            if len(self._lines) >= _MOST:
                self._lines.clear()
            self._lines[line] = read
        return read

    def _know(self, begin: bytes, name: str, meaning: int) -> None:
        """Remember how a secret's line begins, if its meaning does not hang on the secret."""
        if name not in _BY_VALUE:
            if len(self._secrets) >= _SPELLINGS:
                self._secrets.clear()
            self._secrets[begin] = (meaning, name)

    def _meaning(self, name: str, value: str) -> int:
        # What asks for a value here stands in _BY_VALUE.
        if name == "connection" and value.lower() == "keep-alive":
            return 0
        if name == "content-length" and not _LENGTH.fullmatch(value):
            return _UNUSUAL
        if name == "host" and not (hosts.well_formed(value) and value in self._allowed):
            return _UNUSUAL
        if name in proxies.CLAIMS and not self._claims:
            return 0
        return _MEANINGS.get(name, 0 if name in HOP_BY_HOP else _PASSES)

    def __repr__(self) -> str:
        return f"<HeadReader {len(self._lines)} lines known>"


def _text(value: bytes) -> str:
    """Make text of a value: UTF-8 where it is, else each byte a character."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
