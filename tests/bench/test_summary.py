from bench.record import Spread
from bench.summary import lines, over
from tests.bench.figures import parts, row, suite


def test_a_line_is_the_median_of_its_rounds() -> None:
    """Requests a second and CPU time are medians; what is unknown stays unknown."""
    rows = [
        row("ours", n, rps=rps, cpu=parts(rps / 10)) for n, rps in ((1, 10.0), (2, 90), (3, 20))
    ]
    (line,) = lines(suite("ours"), rows)
    assert (line.rps, line.cpu.edge, line.cpu.broker, line.rounds) == (20, 2, None, 3)


def test_the_ratio_is_taken_round_by_round() -> None:
    """The baseline is divided by the peer of the same round, and the spread is kept."""
    rows = [
        *(row("ours", number, rps=rps) for number, rps in ((1, 100.0), (2, 300), (3, 400))),
        *(row("peer", number, rps=rps) for number, rps in ((1, 50.0), (2, 100), (3, 400))),
    ]
    ours, peer = lines(suite("ours", "peer"), rows)
    assert ours.ratio is None
    assert peer.ratio == Spread(1.0, 2.0, 3.0)


def test_invalid_rows_count_for_nothing() -> None:
    """A round in which one of the two is invalid gives no ratio, and no median."""
    bad = row("peer", 1, rps=1.0, problems=("3 timeouts",))
    rows = [row("ours", 1), row("ours", 2), bad, row("peer", 2, rps=500.0)]
    _, peer = lines(suite("ours", "peer"), rows)
    assert (peer.rps, peer.ratio) == (500, Spread(2.0, 2.0, 2.0))
    assert over([row("ours", 1)], [bad], lambda one: one.rps) is None


def test_bodies_of_another_size_are_other_work() -> None:
    """Rows with bodies of two sizes are two lines."""
    rows = [row("ours", extra={"body": 90.0}), row("ours", extra={"body": 1000.0})]
    assert len(lines(suite("ours"), rows)) == 2
