"""What was promised, counted: what clients sent and got against what workers ran."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec

from tests.faults.load import Request

# Seconds after the deadline by which the answer must be there.
GRACE: Final = 0.1
# Percent by which the memory may grow after the warm-up.
MOST_GROWN: Final = 5.0
_FIRST_SERVER_ERROR: Final = 500


class Ledger(msgspec.Struct, kw_only=True):
    """The counts of a load. Those from ``late`` on must be 0, and `broken` says which are not.

    ``executed`` counts runs of operations, as the workers wrote them down; ``repeated`` the runs
    of idempotent ones beyond the first, which are allowed. ``starved`` counts answers that were
    late because the machine gave their gateway no turn: without that time they were not.
    ``accepted`` counts answers with 202, ``kept`` those of them that are dead letters instead of
    done. ``grown`` is in percent, and a little is allowed.
    """

    sent: int = 0
    answered: int = 0
    left: int = 0
    succeeded: int = 0
    accepted: int = 0
    kept: int = 0
    refused: int = 0
    executed: int = 0
    repeated: int = 0
    worst_overrun_ms: float = 0.0
    starved: int = 0
    codes: dict[str, int] = msgspec.field(default_factory=dict)
    late: int = 0
    unanswered: int = 0
    duplicated: int = 0
    lost: int = 0
    unrecovered: int = 0
    pending: int = 0
    restarted: int = 0
    grown: float = 0.0

    def broken(self) -> list[str]:
        """Name the promises that were broken."""
        reasons = {
            "late": f"answered more than {GRACE * 1000:.0f} ms after the deadline",
            "unanswered": "requests without an answer",
            "duplicated": "runs too many of operations that may run once",
            "lost": "answered with success or accepted, and never run",
            "unrecovered": "failed though all was well again for 2 s",
            "pending": "calls left pending at the end",
            "restarted": "processes that ended by themselves",
            "grown": f"% more memory at the end than after the warm-up, {MOST_GROWN:g} are allowed",
        }
        allowed = {"grown": MOST_GROWN}
        found = {name: getattr(self, name) for name in reasons}
        return [
            f"{number:g} {reasons[name]}"
            for name, number in found.items()
            if number > allowed.get(name, 0)
        ]


def _never(_: Request) -> bool:
    return False


def settle(
    requests: Sequence[Request],
    runs: Mapping[str, int],
    *,
    grace: float = GRACE,
    kept: Collection[str] = (),
    calm: Callable[[Request], bool] = _never,
) -> Ledger:
    """Count what became of requests; ``runs`` is how often each ran, by request id.

    ``kept`` are the ids of dead letters: not done, and not lost.
    ``calm`` says whether all was well, and had been for a while, from a request's begin to its end.
    """
    ledger = Ledger(sent=len(requests))
    codes: Counter[str] = Counter()
    for request in requests:
        ran = runs.get(request.id, 0)
        ledger.executed += ran
        if request.kind.idempotent:
            ledger.repeated += max(0, ran - 1)
        else:
            ledger.duplicated += max(0, ran - 1)
        if request.left:
            ledger.left += 1
            continue
        if request.answer is None:
            ledger.unanswered += 1
            continue
        ledger.answered += 1
        codes[request.answer.code or str(request.status)] += 1
        ledger.worst_overrun_ms = max(ledger.worst_overrun_ms, request.overrun * 1000)
        late, excused = request.overrun > grace, request.overrun - request.starved <= grace
        ledger.starved += late and excused
        ledger.late += late and not excused
        ledger.succeeded += request.status < 300
        ledger.accepted += request.status == 202
        if request.status >= _FIRST_SERVER_ERROR and not request.kind.overruns:
            ledger.unrecovered += calm(request)
        ledger.refused += request.status >= _FIRST_SERVER_ERROR
        ledger.kept += request.status == 202 and not ran and request.id in kept
        ledger.lost += request.status < 300 and not ran and request.id not in kept
    ledger.codes = dict(codes.most_common())
    return ledger
