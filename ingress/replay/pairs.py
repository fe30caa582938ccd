"""Compares what runs have answered: with what was recorded, and with each other."""

from collections.abc import Iterator

from ingress.compare.answer import Answer, Pair
from ingress.compare.report import Comparison, Report
from ingress.compare.rules import Rules
from ingress.replay.runs import Runs, Send, State

_ENDED = frozenset({State.ANSWERED, State.UNSENT, State.UNKNOWN})


def with_recorded(runs: Runs, run: str, rules: Rules, *, noise: str = "") -> Report:
    """Compare the answers of a run with those that the originals got.

    ``noise`` is a run against the version that was recorded. What has no recorded answer, as a
    dead letter, has no partner. Raises ``RunsError`` for a run that is not there.
    """
    comparison = Comparison(rules, left="recorded", right=_name(runs, run))
    for send in _ended(runs, run):
        if send.before.status:
            comparison.add(_pair(send, send.before, send.after))
        else:
            comparison.unmatched += 1
    if noise:
        _name(runs, noise)
        for send in _ended(runs, noise):
            comparison.add_noise(_pair(send, send.before, send.after))
    return comparison.report()


def of_runs(runs: Runs, left: str, right: str, rules: Rules, *, noise: str = "") -> Report:
    """Compare the answers of two runs over the same records.

    ``noise`` is another run against the same version as ``left``: what the two differ in is left
    out. Raises ``RunsError`` for a run that is not there.
    """
    comparison = Comparison(rules, left=_name(runs, left), right=_name(runs, right))
    matched = 0
    for send in _ended(runs, left):
        other = _partner(runs, right, send)
        if other is None:
            comparison.unmatched += 1
            continue
        matched += 1
        comparison.add(_pair(send, send.after, other.after))
    comparison.unmatched += sum(1 for _ in _ended(runs, right)) - matched
    if noise:
        _name(runs, noise)
        for send in _ended(runs, left):
            other = _partner(runs, noise, send)
            if other is not None:
                comparison.add_noise(_pair(send, send.after, other.after))
    return comparison.report()


def _name(runs: Runs, run: str) -> str:
    return f"{run} ({runs.get(run).target})"


def _partner(runs: Runs, run: str, send: Send) -> Send | None:
    """Give the call of another run that repeats the same record."""
    other = runs.one(run, send.place)
    if other is None or other.state not in _ENDED or other.original != send.original:
        return None
    return other


def _ended(runs: Runs, run: str) -> Iterator[Send]:
    return (send for send in runs.sends(run) if send.state in _ENDED)


def _pair(send: Send, left: Answer, right: Answer) -> Pair:
    return Pair(id=send.original, route=send.route, what=send.what, left=left, right=right)
