"""Who uses which version: sums over recorded requests."""

from collections.abc import Iterable, Mapping

import msgspec

from ingress.journal.record import Record


class Use(msgspec.Struct, frozen=True):
    """What one caller did with one version; ``last`` in Unix milliseconds, ``gone`` answered 410.

    ``caller`` is who is known, or else an IP address.
    """

    version: str
    caller: str
    requests: int
    gone: int
    last: int


def tally(records: Iterable[Record], version_of: Mapping[str, str]) -> list[Use]:
    """Sum records up by version and caller, the busiest first; ``version_of`` is by route name."""
    sums: dict[tuple[str, str], list[int]] = {}
    for record in records:
        version = version_of.get(record.route)
        if not version:
            continue
        one = sums.setdefault((version, record.asker), [0, 0, 0])
        one[0] += 1
        one[1] += record.code == "gone"
        one[2] = max(one[2], record.started)
    found = [Use(version, caller, *one) for (version, caller), one in sums.items()]
    return sorted(found, key=lambda use: (use.version, -use.requests, use.caller))
