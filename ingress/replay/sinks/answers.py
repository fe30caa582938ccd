"""Reads a usual answer in one look, as the gateway reads usual requests (``ingress.head``).

Usual is a whole answer that came in one piece: HTTP/1.1, a length that is that of its body, and a
connection that goes on. Whatever else comes is left to the parser (``connection``), so this reader
may be strict, and says ``None`` instead of why. A server says the same lines again:
one that was read once is known.
"""

import re
from typing import Final

from ingress.grammar import TOKEN
from ingress.request_id import HEADER as REQUEST_ID

Headers = tuple[tuple[str, str], ...]

_END: Final = b"\r\n\r\n"
# An answer that never has a body, whatever it says of a length (RFC 9112 section 6.3), is unusual.
_STATUS: Final = re.compile(rb"HTTP/1\.1 (?!204|304)([2-5][0-9]{2})(?: [\t -~]*+)?")
_FIELD: Final = re.compile(rb"(" + TOKEN + rb"++):[\t ]*+([\t -~\x80-\xff]*+)")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_UNUSUAL: Final = frozenset({"transfer-encoding", "upgrade", "trailer"})
# Lines that are kept, and bytes of each.
_MOST, _LONGEST = 1024, 256

# What a line is: a field, or the field that says how long the body is, or nothing usual.
_PLAIN, _MEASURE, _STRANGE = range(3)
_Line = tuple[int, tuple[str, str]]


class AnswerReader:
    """Reads answers, and remembers their lines."""

    def __init__(self) -> None:
        self._statuses: dict[bytes, int] = {}
        self._lines: dict[bytes, _Line] = {}

    def __repr__(self) -> str:
        return f"<AnswerReader {len(self._lines)} lines known>"

    def read(self, data: bytes) -> tuple[int, Headers, bytes] | None:
        """Give status, headers (names in lower case) and body; ``None`` if it is not a usual one.

        Not for an answer to HEAD: its length is not that of a body.
        """
        end = data.find(_END)
        if end < 0:
            return None
        first, *lines = data[:end].split(b"\r\n")
        status = self._statuses.get(first) or self._learn_status(first)
        length, headers = -1, []
        for line in lines:
            kind, field = self._lines.get(line) or self._learn(line)
            if kind:
                if kind == _STRANGE or length >= 0:
                    return None
                length = int(field[1])
            headers.append(field)
        body = data[end + 4 :]
        return (status, tuple(headers), body) if status and length == len(body) else None

    def _learn_status(self, line: bytes) -> int:
        said = _STATUS.fullmatch(line)
        if said is None:
            return 0
        if len(self._statuses) < _MOST:
            self._statuses[line] = int(said[1])
        return int(said[1])

    def _learn(self, line: bytes) -> _Line:
        said = _FIELD.fullmatch(line)
        if said is None:
            return _STRANGE, ("", "")
        name, value = said[1].decode().lower(), said[2].rstrip(b" \t").decode("latin-1")
        read = (_kind(name, value), (name, value))
        # An id is another with each answer.
        if len(line) <= _LONGEST and name != REQUEST_ID:
            if len(self._lines) >= _MOST:
                self._lines.clear()
            self._lines[line] = read
        return read


def _kind(name: str, value: str) -> int:
    if name == "content-length":
        return _MEASURE if _LENGTH.fullmatch(value) else _STRANGE
    if name in _UNUSUAL or (name == "connection" and value.lower() != "keep-alive"):
        return _STRANGE
    return _PLAIN
