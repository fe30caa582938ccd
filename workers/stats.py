"""What a running service counts."""

from collections import Counter


class Stats:
    """Counters of one service in one process, since it started.

    ``calls`` counts the operations that were begun, ``cancelled`` those that their callers gave up,
    before or after. ``expired`` are the calls whose deadline had
    passed before, ``overrun`` those that were cut at it, ``malformed`` the messages that made no
    call, ``returned`` those given back unbegun by the drain, ``lost`` those still running when the
    drain's patience ended, ``dead`` the dead letters made, ``unverified`` the calls that did not
    prove who makes them. ``faults`` counts the answers that were
    faults, by code.
    """

    __slots__ = (
        "calls",
        "cancelled",
        "dead",
        "expired",
        "faults",
        "in_flight",
        "lost",
        "malformed",
        "overrun",
        "returned",
        "unverified",
    )

    def __init__(self) -> None:
        self.calls = 0
        self.in_flight = 0
        self.cancelled = 0
        self.expired = 0
        self.overrun = 0
        self.malformed = 0
        self.returned = 0
        self.lost = 0
        self.dead = 0
        self.unverified = 0
        self.faults: Counter[str] = Counter()

    def __repr__(self) -> str:
        counted = {name: value for name, value in self.as_dict().items() if name != "faults"}
        parts = [f"{name}={value}" for name, value in counted.items()]
        parts += [f"{code}={count}" for code, count in sorted(self.faults.items())]
        return f"<Stats {' '.join(parts)}>"

    def as_dict(self) -> dict[str, int | dict[str, int]]:
        """Give the counters as plain values."""
        return {
            "calls": self.calls,
            "in_flight": self.in_flight,
            "cancelled": self.cancelled,
            "expired": self.expired,
            "overrun": self.overrun,
            "malformed": self.malformed,
            "returned": self.returned,
            "lost": self.lost,
            "dead": self.dead,
            "unverified": self.unverified,
            "faults": dict(self.faults),
        }
