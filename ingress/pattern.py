"""The pattern of a route: ``POST /v1/orders/{id:int}/notes/{rest...}``.

A segment is a literal, a parameter ``{name}`` that takes one segment and is
never empty, one of a kind ``{name:int}`` that takes what looks like it
(``ingress.routing.kinds``), or, as the last one, a tail ``{name...}`` that takes
all the rest, which may be empty. Literals are written as they are meant, not
percent-encoded.
"""

import re
from typing import Final

import msgspec

from ingress.routing import kinds

# RFC 9110 section 9.3, and PATCH (RFC 5789). CONNECT asks for a tunnel, which
# no message can be.
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
ANY: Final = "ANY"

# RFC 9110 section 9.2.2.
IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})

# For editors: all of the grammar that a regular expression can hold.
_SEGMENT: Final = rf"([^\s?#%{{}}\\/]+|\{{[A-Za-z_][A-Za-z0-9_]*(:({'|'.join(kinds.NAMES)}))?\}})"
_TAIL: Final = r"\{[A-Za-z_][A-Za-z0-9_]*\.\.\.\}"
PATTERN: Final = rf"^({'|'.join(METHODS)}|ANY|\*) /({_SEGMENT}/)*({_SEGMENT}|{_TAIL})?$"

_PARAMETER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,63})(?:(\.\.\.)|:([A-Za-z0-9_]*))?\}")
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f?#%{}\\]")
_MAX_SEGMENTS: Final = 32


class Pattern(msgspec.Struct, frozen=True):
    """A route's method and path, read.

    ``segments`` are the literals, with ``None`` for a parameter; the tail is
    not among them. ``names`` are those of the parameters in order, the tail's
    last. ``kinds`` are those of the parameters, empty for one that takes all.
    """

    method: str
    path: str
    segments: tuple[str | None, ...]
    names: tuple[str, ...]
    tail: bool
    kinds: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[str | None, ...]:
        """What two patterns share that take exactly the same paths."""
        kinds_left = iter(self.kinds)
        # No literal has a brace.
        steps = [_step(next(kinds_left)) if one is None else one for one in self.segments]
        return (*steps, "...") if self.tail else (*steps, "")

    @property
    def static(self) -> bool:
        """Whether it takes one path only."""
        return not self.names

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def parse(text: str) -> Pattern:
    """Read a pattern.

    Raises ``ValueError`` with a sentence that says what is wrong.
    """
    method, space, path = text.partition(" ")
    method = ANY if method == "*" else method
    if not space or not path.startswith("/"):
        msg = "a route is a method and a path: GET /v1/orders/{id}"
        raise ValueError(msg)
    if method != ANY and method not in METHODS:
        msg = f"{method!r} is no method here; known are {', '.join(METHODS)} and ANY"
        raise ValueError(msg)
    raw = path[1:].split("/")
    if len(raw) > _MAX_SEGMENTS:
        msg = f"a path has at most {_MAX_SEGMENTS} segments"
        raise ValueError(msg)
    return _read(method, path, raw)


def _step(kind: str) -> str | None:
    return f"{{{kind}}}" if kind else None


def _read(method: str, path: str, raw: list[str]) -> Pattern:
    segments: list[str | None] = []
    names: list[str] = []
    kinds_read: list[str] = []
    tail = False
    for index, segment in enumerate(raw):
        last = index == len(raw) - 1
        if match := _PARAMETER.fullmatch(segment):
            name, dots, kind = match.groups()
            if dots and not last:
                msg = f"{segment} takes all the rest, so it must be the last segment"
                raise ValueError(msg)
            if name in names:
                msg = f"the parameter {name!r} stands here twice"
                raise ValueError(msg)
            if kind is not None and kind not in kinds.CHECKS:
                msg = f"{kind!r} is no kind of parameter; known are {', '.join(kinds.NAMES)}"
                raise ValueError(msg)
            names.append(name)
            tail = bool(dots)
            if not tail:
                segments.append(None)
                kinds_read.append(kind or "")
        else:
            _check_literal(segment, last=last)
            segments.append(segment)
    return Pattern(method, path, tuple(segments), tuple(names), tail, tuple(kinds_read))


def _check_literal(segment: str, *, last: bool) -> None:
    if not segment and not last:
        msg = "there is an empty segment (//)"
        raise ValueError(msg)
    if segment in {".", ".."}:
        msg = f"the segment {segment!r} can never be asked for (RFC 3986 section 5.2.4)"
        raise ValueError(msg)
    if "{" in segment or "}" in segment:
        forms = "{name}, {name:int} or {name...}"
        msg = f"{segment!r} is no parameter: one takes a whole segment, {forms}"
        raise ValueError(msg)
    if unfit := _UNFIT.search(segment):
        msg = f"{unfit.group()!r} cannot stand in a path; write the characters that are meant"
        raise ValueError(msg)
