"""What keys and limits cost in whole calls."""

from bench import key_calls
from bench.record import Parts, Row


def _row(system: str, edge: float | None, *problems: str) -> Row:
    return Row(system=system, connections=64, round=1, cpu=Parts(edge), problems=problems)


def test_it_tells_what_each_costs_more_than_none_of_it() -> None:
    """Medians of the rounds that are valid, in the order of the titles."""
    rows = [_row("on", 50.0), _row("on", 52.0), _row("on", 54.0), _row("on", 9.0, "timeouts")]
    costs = key_calls.edge_costs([*rows, _row("key", 60.5), _row("lost", None)])
    assert costs == {"on": 52.0, "key": 60.5}
    first, second = key_calls.table(costs, "on", {"on": "On", "key": "Key", "lost": "Lost"})
    assert first.split() == ["On", "52.0", "µs", "of", "the", "edge's", "CPU", "a", "call"]
    assert second.endswith("60.5 µs of the edge's CPU a call, +8.5")


def test_what_could_not_be_measured_is_left_out() -> None:
    """Without the baseline there is no difference to tell."""
    assert key_calls.table({"key": 60.0}, "on", {"on": "On", "key": "Key"}) == [
        f"{'Key':<62}  60.0 µs of the edge's CPU a call"
    ]
