"""What a run would do, before it does anything."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ingress.replay.item import Item
from ingress.replay.runs import Runs

KEPT: Final = 64 * 1024**2
"""Bytes of items that are kept in memory."""

# What an item takes besides its bodies, about.
_OVERHEAD: Final = 1500


class Survey:
    """Counts of the items of a run: all, by route, and by what speaks against sending them.

    ``unsafe`` are those that change something, whether or not that was allowed. ``replayed`` are
    those that were sent to the same target before, by run. ``first`` and ``last`` are when the
    originals came, in Unix milliseconds.
    """

    def __init__(self) -> None:
        self.total = 0
        self.sendable = 0
        self.unsafe = 0
        self.routes: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.replayed: Counter[str] = Counter()
        self.first = 0
        self.last = 0

    def __repr__(self) -> str:
        return f"<Survey {self.sendable} of {self.total}>"

    def as_dict(self) -> dict[str, Any]:
        """Give the counts as plain values."""
        names = ("total", "sendable", "unsafe", "first", "last")
        counts = ("routes", "refused", "replayed")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: dict(getattr(self, name).most_common()) for name in counts},
        }

    def add(self, item: Item) -> None:
        """Count an item."""
        self.total += 1
        self.routes[item.route] += 1
        self.unsafe += not item.safe
        self.refused.update(item.reasons)
        self.sendable += not item.reasons
        self.first = min(self.first or item.started, item.started)
        self.last = max(self.last, item.started)


def survey(items: Iterable[Item], runs: Runs | None, target: str) -> tuple[Survey, list[Item]]:
    """Look through the items of a run, and what of them was sent to this target before.

    Gives the items too, so that a small run need not read them again; none when they are more than
    :data:`KEPT` bytes.
    """
    found, kept, size = Survey(), list[Item](), 0
    for item in items:
        found.add(item)
        run = runs.replayed(item.original, item.started, target) if runs else ""
        if run:
            found.replayed[run] += 1
        size += _OVERHEAD + len(item.body) + len(item.before.body)
        if size <= KEPT:
            kept.append(item)
        else:
            kept.clear()
    return found, kept


def without_replayed(items: Iterable[Item], runs: Runs, target: str, run: str) -> Iterator[Item]:
    """Leave out what other runs have sent to this target."""
    for item in items:
        if runs.replayed(item.original, item.started, target) in {"", run}:
            yield item
