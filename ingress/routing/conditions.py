"""What a route asks of a request beside its method and path: headers, query, content type.

Conditions are compiled into one function of the request at start. Of several routes at one path
the one with the highest priority is tried first, then the one that asks for more.
"""

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from contracts.fault import Fault
from ingress.routing.asked import Asked, Pairs
from ingress.versions.asking import Asking

PRESENT: Final = "*"
"""Written for a value: whatever it is, it has to be there."""


Test = Callable[[Asked], bool]


class Versioned(msgspec.Struct, frozen=True):
    """The version that a request has to ask for, and how it would."""

    version: str
    asking: Asking

    def test(self) -> Test:
        """Compile it into a function."""
        read, version = self.asking.reader(), self.version
        return lambda asked: read(asked) == version

    def refused(self, asked: Asked) -> Fault | None:
        """Say what is wrong with the version that is asked for; ``None`` if it is known."""
        return self.asking.refusal(self.asking.reader()(asked))


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """All have to hold. ``headers`` and ``query`` are sorted (name, value or ``*``)."""

    headers: Pairs = ()
    query: Pairs = ()
    media: tuple[str, ...] = ()
    priority: int = 0
    version: Versioned | None = None

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """Who is tried first has the higher rank."""
        exact = sum(value != PRESENT for _, value in (*self.headers, *self.query))
        precise = int(bool(self.media) and not any(one.endswith("/*") for one in self.media))
        count = len(self.headers) + len(self.query) + bool(self.media) + bool(self.version)
        return self.priority, count, exact, precise, len(self.headers)

    @property
    def asks(self) -> bool:
        """Whether there is any condition."""
        return bool(self.headers or self.query or self.media or self.version)

    def parts(self) -> list[tuple[str, Test]]:
        """Give each condition as it is written, with its test; the content type is last."""
        found: list[tuple[str, Test]] = []
        if self.version:
            found.append((f"version {self.version.version}", self.version.test()))
        found += [(f"{name}: {value}", _header(name, value)) for name, value in self.headers]
        found += [(f"?{name}={value}", _query(name, value)) for name, value in self.query]
        if self.media:
            found.append((" or ".join(self.media), _media(self.media)))
        return found

    def test(self) -> Test:
        """Compile them into one function."""
        tests = tuple(test for _, test in self.parts())
        if len(tests) == 1:
            return tests[0]
        return lambda asked: all(test(asked) for test in tests)

    def __str__(self) -> str:
        return ", ".join(text for text, _ in self.parts())


ALWAYS: Final = Conditions()


def may_both_fit(one: Conditions, other: Conditions) -> bool:
    """Say whether there is a request that both take."""
    if one.version and other.version and one.version != other.version:
        return False
    for mine, theirs in ((one.headers, other.headers), (one.query, other.query)):
        known = dict(mine)
        # Header and query may come twice with both values; nobody who writes this means that.
        if any(
            name in known and PRESENT not in {value, known[name]} and value != known[name]
            for name, value in theirs
        ):
            return False
    return not (one.media and other.media) or _meet(one.media, other.media)


def _meet(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    return any(_within(a, b) or _within(b, a) for a in ours for b in theirs)


def _within(kind: str, family: str) -> bool:
    return kind == family or (family.endswith("/*") and kind.startswith(family[:-1]))


def _header(name: str, wanted: str) -> Test:
    if wanted == PRESENT:
        return lambda asked: any(key == name for key, _ in asked.fields)
    pair = (name, wanted)
    return lambda asked: pair in asked.fields


def _query(name: str, wanted: str) -> Test:
    def test(asked: Asked) -> bool:
        if not asked.query:
            return False
        pairs = parse_qsl(asked.query, keep_blank_values=True)
        return any(key == name and wanted in {PRESENT, value} for key, value in pairs)

    return test


def _media(wanted: tuple[str, ...]) -> Test:
    exact = frozenset(wanted)
    families = tuple(one[:-1] for one in wanted if one.endswith("/*"))

    def test(asked: Asked) -> bool:
        said = next((value for name, value in asked.fields if name == "content-type"), "")
        kind = said.partition(";")[0].strip().lower()
        return kind in exact or bool(kind and families and kind.startswith(families))

    return test
