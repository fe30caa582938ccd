"""Which recorded answer belongs to a request."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from ingress.journal.record import Record

Request = tuple[str, str, str]
"""Method, path and query, as in a request line."""

_Key = tuple[str, str, tuple[tuple[str, str], ...], str]

# Paths that are looked through for one that is like the one asked for.
_LOOKED_AT: Final = 5000


class Recordings:
    """The recorded answers, by method, path and query, and by the body where ``match_body`` is set.

    The order of query parameters means nothing, nor does the spacing of a JSON body. Several
    answers to one request are given in the order of their time, and then the last one again and
    again. ``unusable`` counts records without a whole answer.
    """

    def __init__(self, records: Iterable[Record], *, match_body: bool = False) -> None:
        self.unusable = 0
        self.count = 0
        self._match_body = match_body
        self._answers: dict[_Key, list[Record]] = {}
        self._given: dict[_Key, int] = {}
        for record in records:
            self._add(record)

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return f"<Recordings {self.count} answers to {len(self)} requests>"

    def next(self, request: Request, body: bytes = b"") -> Record | None:
        """Give the answer whose turn it is; ``None`` when this was never asked."""
        key = self._key(request, body)
        if key not in self._answers and request[0] == "HEAD":
            # RFC 9110 section 9.3.2: as GET, without the body.
            key = self._key(("GET", *request[1:]), body)
        found = self._answers.get(key)
        if found is None:
            return None
        number = self._given.get(key, 0)
        self._given[key] = number + 1
        return found[min(number, len(found) - 1)]

    def nearest(self, request: Request) -> tuple[str, str]:
        """Give the request line that was recorded and is most like this one, and what differs.

        Both are empty when nothing was recorded at all.
        """
        method, path, _ = request
        paths = list(dict.fromkeys(key[1] for key in self._answers))[:_LOOKED_AT]
        if not paths:
            return "", ""
        if path not in paths:
            # The best one, however bad: it says at least what there is.
            close = get_close_matches(path, paths, n=1, cutoff=0)[0]
            return self._line(close, method), "the path differs"
        methods = {key[0] for key in self._answers if key[1] == path}
        if method not in methods:
            return self._line(path, method), "the method differs"
        wanted = self._key(request, b"")[2]
        same = [key for key in self._answers if key[:3] == (method, path, wanted)]
        what = "the body differs" if same else "the query differs"
        return self._line(path, method), what

    def _line(self, path: str, method: str) -> str:
        """Write the line of a request at a path, of this method if there is one."""
        keys = [key for key in self._answers if key[1] == path]
        key = next((key for key in keys if key[0] == method), keys[0])
        record = self._answers[key][0]
        return f"{record.method} {record.target}"

    def _add(self, record: Record) -> None:
        if record.level != "full" or record.locked or not record.status or "reply" in record.cut:
            self.unusable += 1
            return
        content = record.open
        key = self._key((record.method, record.path, content.query), content.request_body)
        self._answers.setdefault(key, []).append(record)
        self.count += 1

    def _key(self, request: Request, body: bytes) -> _Key:
        method, path, query = request
        pairs = tuple(sorted(parse_qsl(query, keep_blank_values=True)))
        return method, path, pairs, _digest(body) if self._match_body else ""


def _digest(body: bytes) -> str:
    with suppress(ValueError, RecursionError):
        body = msgspec.json.encode(msgspec.json.decode(body), order="deterministic")
    return hashlib.sha256(body).hexdigest()
