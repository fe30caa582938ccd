"""Which records are meant. A store answers what it can by its indexes; this says the rest."""

import re
from functools import lru_cache
from typing import Any, Final

import jmespath
import msgspec

from ingress.journal.record import Pairs, Record

Span = tuple[int, int]
"""Statuses from the first to the second, both included."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are meant: those that fit all that is set.

    Of several values in one field one must fit. ``since`` (included) and ``until`` (not) are Unix
    milliseconds; ``slower`` is in microseconds, included. ``callers`` are ids of callers, or IP
    addresses of those without one. ``headers`` are request headers, names in lower case. ``body``
    and ``reply`` are JMESPath expressions (jmespath.org) that must give something for the JSON body
    of request and answer. ``replayed`` asks for calls that are, or are not, the repetition of
    another one. What is encrypted fits no filter on headers or bodies.
    """

    since: int | None = None
    until: int | None = None
    ids: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    statuses: tuple[Span, ...] = ()
    codes: tuple[str, ...] = ()
    callers: tuple[str, ...] = ()
    slower: int | None = None
    headers: Pairs = ()
    body: str = ""
    reply: str = ""
    replayed: bool | None = None
    replay_of: str = ""
    run: str = ""

    @property
    def selects(self) -> bool:
        """Whether it asks for anything: without, it fits every record."""
        return self != EVERYTHING

    @property
    def needs_content(self) -> bool:
        """Whether it looks at what may be encrypted, and has no index."""
        return bool(self.headers or self.body or self.reply)

    def fits(self, record: Record) -> bool:
        """Tell whether a record is meant."""
        return (
            (self.since is None or record.started >= self.since)
            and (self.until is None or record.started < self.until)
            and (not self.ids or record.id in self.ids)
            and self.fits_kind(record.route, record.method, record.status, record.code)
            and (not self.callers or record.asker in self.callers)
            and (self.slower is None or record.duration_us >= self.slower)
            and self.replayed in {None, bool(record.replay_of)}
            and self.replay_of in {"", record.replay_of}
            and self.run in {"", record.run}
            and self._fits_content(record)
        )

    def fits_kind(self, route: str, method: str, status: int, code: str) -> bool:
        """Tell whether records of this kind can be meant."""
        return (
            (not self.routes or route in self.routes)
            and (not self.methods or method in self.methods)
            and (not self.statuses or any(low <= status <= high for low, high in self.statuses))
            and (not self.codes or code in self.codes)
        )

    def _fits_content(self, record: Record) -> bool:
        if not self.needs_content:
            return True
        content = record.open
        return (
            all(pair in content.request_headers for pair in self.headers)
            and _gives(self.body, content.request_body)
            and _gives(self.reply, content.reply_body)
        )


EVERYTHING: Final = Filter()


def check_expression(text: str) -> str:
    """Give a JMESPath expression back. Raises ``ValueError`` with a sentence if it is none."""
    try:
        _compiled(text)
    except jmespath.exceptions.JMESPathError as error:
        said = " ".join(str(error).split()).rstrip("^ ")
        said = re.sub("^Invalid jmespath expression: ", "", said, flags=re.IGNORECASE)
        raise ValueError(f"this is no JMESPath expression: {said}") from None
    return text


@lru_cache(maxsize=64)
def _compiled(text: str) -> Any:  # noqa: ANN401 - the library has no types
    return jmespath.compile(text)


def _gives(expression: str, body: bytes) -> bool:
    """Tell whether an expression finds something that is not empty or false."""
    if not expression:
        return True
    try:
        value = msgspec.json.decode(body)
        found = _compiled(expression).search(value)
    except (msgspec.DecodeError, ValueError, RecursionError, jmespath.exceptions.JMESPathError):
        # No JSON, or a function that does not take what is there: it does not fit.
        return False
    # JMESPath's own idea of truth: a zero is something.
    return found not in (None, False, "", [], {}) or (found == 0 and found is not False)
