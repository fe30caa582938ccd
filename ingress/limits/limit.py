"""One limit, compiled: its windows, its places, and what is told of it."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from ingress.limits.rate import Rate
from ingress.limits.windows import Calendar, Sliding, Window

MAX_RATES: Final = 3
PLANS: Final = "usage-plans"
"""The table of all usage plans: rows with room for any rates, and for calls at a time."""

_AT_ONCE: Final = 'qu="concurrent-requests"'


class Concurrent(msgspec.Struct, frozen=True):
    """How many calls may be on their way at one time."""

    name: str
    calls: int
    code: str = "rate_limited"
    seconds: int = 0

    @property
    def told(self) -> str:
        """Begin its item of RateLimit, as windows do."""
        return f'"{self.name}";r='


Standing = tuple[Window | Concurrent, int, int]
"""How one stands after the decision: what it is, calls that are left, ms until there are more."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller may, under one name.

    - ``name`` is what people see of it, ``table`` where it is counted: limits of one table have
      rows of one form, of ``size`` bytes;
    - ``cells`` are its windows, each with where its bytes begin in a row. Bytes that another window
      left there count for nothing;
    - ``concurrent`` bounds the calls that are on their way, if it is there; its bytes come last;
    - ``max_keys`` is for how many callers there is ample room;
    - ``opens`` says that calls pass when nothing can be counted;
    - ``policy`` are its items of RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-11, 3.1).
    """

    name: str
    table: str
    cells: tuple[tuple[Window, int], ...]
    size: int
    concurrent: Concurrent | None = None
    max_keys: int = 16_384
    opens: bool = False
    policy: str = ""

    def parts(self) -> tuple[Window | Concurrent, ...]:
        """Give all that it counts."""
        windows = tuple(window for window, _ in self.cells)
        return (*windows, self.concurrent) if self.concurrent else windows

    def __repr__(self) -> str:
        return f"<Limit {self.name} {self.policy}>"


def limits(
    name: str,
    rates: Sequence[Rate] = (),
    quotas: Mapping[str, int] | None = None,
    concurrent: int = 0,
    *,
    shared: bool = False,
    max_keys: int = 16_384,
    opens: bool = False,
) -> tuple[Limit, ...]:
    """Make the limits of one name: one for rates and calls at a time, one for quotas.

    They are apart, so that what was used of a quota stays when a rate is changed. ``quotas`` are
    calls a ``day`` and a ``month``. Those that are ``shared`` are counted
    in the tables of usage plans, whatever their name.
    """
    quotas = quotas or {}
    alone = len(rates) + len(quotas) == 1
    made = []
    if rates or concurrent:
        windows = [
            Sliding(name if alone else f"{name}-{rate.window}", rate, roomy=shared)
            for rate in rates
        ]
        begins = [sum(one.size for one in windows[:number]) for number in range(len(windows))]
        size = MAX_RATES * Sliding.LARGEST if shared else sum(one.size for one in windows)
        # Rows of other rates look different: so they are in another table.
        form = f"{name}.{'-'.join(f'{rate.calls}_{rate.window}' for rate in rates)}"
        table = PLANS if shared else form + (".at-once" if concurrent else "")
        made.append(
            Limit(
                name=name,
                table=table,
                cells=tuple(zip(windows, begins, strict=True)),
                size=size,
                concurrent=Concurrent(f"{name}-concurrent", concurrent) if concurrent else None,
                policy=_policy(windows, name, concurrent),
                max_keys=max_keys,
                opens=opens,
            )
        )
    if quotas:
        calendars = [
            Calendar(name if alone else f"{name}-{unit}", calls, unit)
            for unit, calls in quotas.items()
        ]
        made.append(
            Limit(
                name=name,
                table=f"{PLANS if shared else name}.quotas",
                cells=tuple((one, Calendar.BEGINS[one.id]) for one in calendars),
                size=len(Calendar.BEGINS) * Calendar.size,
                policy=_policy(calendars, name, 0),
                max_keys=max_keys,
                opens=opens,
            )
        )
    return tuple(made)


def _policy(windows: Sequence[Window], name: str, concurrent: int) -> str:
    items = [
        f'"{one.name}";q={one.calls}' + (f";w={one.seconds}" if one.seconds else "")
        for one in windows
    ]
    if concurrent:
        items.append(f'"{name}-concurrent";q={concurrent};{_AT_ONCE}')
    return ", ".join(items)


Ask = tuple[Limit, str]
"""A call under one limit, and the key: whose count it is, and what people are shown."""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What became of a call: if anything stands in ``refused``, nothing was counted."""

    standings: list[Standing]
    refused: list[Standing]
