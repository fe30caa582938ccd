"""What a comparison leaves alone, and how near two numbers have to be."""

import math
import re
from collections.abc import Iterable
from typing import Any, Final

from ingress.compare.paths import Paths

IGNORED_HEADERS: Final = frozenset(
    {
        # Of the moment and of the connection, not of the answer.
        *("date", "age", "connection", "keep-alive", "transfer-encoding", "server", "via"),
        *("x-request-id", "traceparent", "tracestate", "server-timing", "queuegate-replay"),
        # It follows from the body, which is compared itself.
        "content-length",
    }
)

_NUMBER: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(%?)")


class Tolerance:
    """How far two numbers may be apart: ``0.01``, or ``1%`` of the larger one."""

    def __init__(self, text: str = "0") -> None:
        found = _NUMBER.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"a tolerance is written 0.01 or 1%, not {text!r}")
        number = float(found[1])
        self._relative = number / 100 if found[2] else 0.0
        self._absolute = 0.0 if found[2] else number

    def __repr__(self) -> str:
        return f"<Tolerance {self._absolute or f'{self._relative:%}'}>"

    def holds(self, left: float, right: float) -> bool:
        """Tell whether two numbers are near enough."""
        if left == right:
            return True
        try:
            return math.isclose(left, right, rel_tol=self._relative, abs_tol=self._absolute)
        except OverflowError:  # an integer beyond floats
            return False


class Rules:
    """What is compared, and how.

    Args:
        ignore: paths into JSON bodies that are left alone, with all below them.
        headers: names of headers that are left alone, besides :data:`IGNORED_HEADERS`.
        unordered: paths of lists whose order means nothing; ``$..*`` for all lists.
        tolerance: ``0.01`` or ``1%`` for all numbers, or ``PATH=1%`` for those at a path.

    Raises ``ValueError`` for what is not written so.
    """

    def __init__(
        self,
        *,
        ignore: Iterable[str] = (),
        headers: Iterable[str] = (),
        unordered: Iterable[str] = (),
        tolerance: Iterable[str] = (),
    ) -> None:
        self.ignore = Paths(ignore)
        self.headers = IGNORED_HEADERS | {name.strip().lower() for name in headers}
        self.unordered = Paths(unordered)
        self._near: list[tuple[Paths | None, Tolerance]] = []
        for text in tolerance:
            path, equals, amount = text.rpartition("=")
            self._near.append((Paths([path]) if equals else None, Tolerance(amount)))

    def __repr__(self) -> str:
        return f"<Rules ignore={self.ignore!r} unordered={self.unordered!r}>"

    def near(self, path: str, left: Any, right: Any) -> bool:  # noqa: ANN401 - numbers of JSON
        """Tell whether two numbers at a path count as the same."""
        return any(
            tolerance.holds(left, right)
            for paths, tolerance in self._near
            if paths is None or paths.cover(path)
        )
