"""Conditions in CEL, the Common Expression Language: the owner of its library.

CEL has no loops but those over a list that is there, no side effects, and no way out. What it can
still cost is bounded here, in the text and in what it is given (decision 16): the library cannot
be stopped once it runs, and falls over values that are nested by the thousand.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from contracts.call import Call
from ingress.auth.identity import Identity
from ingress.lazy import lazy

if TYPE_CHECKING:
    import cel
else:
    cel = lazy("cel")

LONGEST: Final = 2000
"""Characters of an expression."""

SLOWEST: Final = 0.05
"""Seconds of CPU. What took longer refuses, whatever it said."""

# Loops in one expression; two inside of each other over the longest lists take some 20 ms.
_MOST_LOOPS: Final = 2
_MOST_ITEMS: Final = 256
_MOST_VALUES: Final = 2048
_DEEPEST: Final = 16
_LONGEST_TEXT: Final = 16_384

_LOOP: Final = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")
_TEXTS: Final = re.compile(r"""r?("{3}.*?"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_LOOP_NAME: Final = re.compile(
    r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_][A-Za-z0-9_]*)\s*,"
)
_COMPLAINT: Final = re.compile(r"ERROR: <input>:\d+:(\d+): (?:Syntax error: )?([^\n]*)")
# What the library has, as far as rules can need it; hours and days are those of UTC.
_FUNCTIONS: Final = frozenset(
    {"size", "startsWith", "endsWith", "contains", "matches", "int", "double", "string"}
    | {"timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfWeek"}
    | {"getHours", "getMinutes"}
)
# What a mistake in the library's Rust becomes: no Exception, and so caught by nobody else.
_PANIC: Final = "PanicException"
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})


class TooMuch(Exception):
    """A value is larger than an expression is given."""


class Expression:
    """A condition: ``Expression("claims.tenant == request.params.tenant").holds(who, call)``.

    Raises ``ValueError``, with a sentence, for what is none, is too long, loops too often, or
    speaks of what is not there.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        if len(source) > LONGEST:
            raise ValueError(f"an expression has at most {LONGEST} characters")
        try:
            self._program = cel.compile(source)
        except ValueError as error:
            raise ValueError(f"this is no CEL: {_in_words(error)}") from None
        if len(_LOOP.findall(_TEXTS.sub("''", source))) > _MOST_LOOPS:
            raise ValueError(f"an expression has {_MOST_LOOPS} loops (all, exists, map) at most")
        self._roots = _roots(self._program, source)

    @property
    def needs_caller(self) -> bool:
        """Whether it speaks of a caller that must be known."""
        return not self._roots.isdisjoint(_OF_CALLER)

    def holds(self, identity: Identity | None, call: Call) -> bool:
        """Whether it is true. Raises whatever goes wrong; anything but ``true`` is not true."""
        given = {root: _ROOTS[root](identity, call) for root in self._roots}
        # Of this thread's own time: a machine that is busy with others must not refuse anybody.
        started = time.thread_time()
        try:
            answer = self._program.execute(given)
        except BaseException as error:
            if type(error).__name__ == _PANIC:
                raise RuntimeError("the expression could not be run") from None
            raise
        if time.thread_time() - started > SLOWEST:
            raise TimeoutError
        return answer is True

    def __repr__(self) -> str:
        return f"<Expression {self.source}>"


def check(source: str) -> str:
    """Hold a text against the language; raises ``ValueError``."""
    Expression(source)
    return source


def _claims(identity: Identity | None, _: Call) -> Mapping[str, Any]:
    said: Mapping[str, Any] = _bounded(
        identity.claims if identity else {}, _DEEPEST, [_MOST_VALUES]
    )
    return said


def _caller(identity: Identity | None, call: Call) -> Mapping[str, Any]:
    who = identity or _NOBODY
    return {
        "id": "" if identity is None else who.id,
        "scheme": who.scheme,
        "consumer": who.consumer,
        "groups": list(who.groups),
        "scopes": list(who.scopes),
        "roles": list(who.roles),
        "plan": who.plan,
        "address": call.caller.address,
    }


def _request(_: Identity | None, call: Call) -> Mapping[str, Any]:
    return {
        "method": call.method,
        "path": call.path,
        "route": call.route,
        "params": dict(call.params),
        # At most 256 of each, as many as the rest of us reads.
        "query": _single(parse_qsl(call.query, keep_blank_values=True, max_num_fields=_MOST_ITEMS)),
        "headers": _single(call.headers),
    }


def _single(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give what stands there once. Of what stands twice two readers may take different ones."""
    found: dict[str, str] = {}
    twice = set()
    for name, value in pairs:
        if name in found:
            twice.add(name)
        found[name] = value
    for name in twice:
        del found[name]
    return found


_NOBODY: Final = Identity(id="-", scheme="")

_ROOTS: Final[Mapping[str, Callable[[Identity | None, Call], Any]]] = {
    "claims": _claims,
    "caller": _caller,
    "request": _request,
    "now": lambda *_: datetime.now(UTC),
}
_OF_CALLER: Final = frozenset({"claims", "caller"})


def _bounded(value: Any, depth: int, left: list[int]) -> Any:  # noqa: ANN401 - whatever a token says
    left[0] -= 1
    if type(value) in _SCALARS:
        if left[0] < 0 or (type(value) is str and len(value) > _LONGEST_TEXT):
            raise TooMuch
        return value
    if depth == 0 or len(value) > _MOST_ITEMS:
        raise TooMuch
    if isinstance(value, Mapping):
        return {str(name): _bounded(one, depth - 1, left) for name, one in value.items()}
    return [_bounded(one, depth - 1, left) for one in value]


def _roots(program: "cel.Program", source: str) -> frozenset[str]:
    """Give what it speaks of. The variables of its own loops are no roots."""
    of_loops = set(_LOOP_NAME.findall(_TEXTS.sub("''", source)))
    names = set(program.variables())
    unknown = sorted(names - _ROOTS.keys() - of_loops)
    if unknown:
        raise ValueError(f"there is no {unknown[0]!r} here: there are {', '.join(_ROOTS)}")
    # Operators have a sign in their names.
    called = {name for name in program.functions() if name.isidentifier()}
    if strange := sorted(called - _FUNCTIONS):
        raise ValueError(f"there is no function {strange[0]!r} here")
    return frozenset(names & _ROOTS.keys())


def _in_words(error: ValueError) -> str:
    """Give what the library says of a mistake, without the picture that it draws."""
    found = _COMPLAINT.search(str(error))
    return f"{found[2]} at character {found[1]}" if found else str(error).partition("\n")[0]
