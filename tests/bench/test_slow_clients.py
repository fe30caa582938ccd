"""The benchmark of slow clients measures what it says, with fewer of them."""

from bench import slow_clients
from bench.slow_clients import Row


def test_slow_clients_leave_the_others_unharmed() -> None:
    """All of the others are answered, and half of their answers take no longer than a moment."""
    rows, said = slow_clients.run(200, 1.0, 1)
    alone, beside = rows
    assert (alone.slow, beside.slow) == (0, 200)
    assert alone.failed == beside.failed == 0
    assert 0 < beside.p50 < 100
    # Nobody was lost: who is thrown out comes again.
    assert len(said) == 1
    assert int(said[0].split(" ")[0]) > 150


def test_who_is_slowed_down_fails_the_run() -> None:
    """Twice the p99, or one request without its answer."""

    def row(slow: int, p99: float, failed: int = 0) -> Row:
        return Row(slow=slow, p50=1.0, p99=p99, failed=failed, memory=1.0, cpu=0.1)

    def good(*rows: Row) -> list[bool]:
        return [one for one, _ in slow_clients.verdicts(rows)]

    assert good(row(0, 2.0), row(9, 3.9)) == [True, True]
    assert good(row(0, 2.0), row(9, 4.1)) == [True, False]
    assert good(row(0, 2.0), row(9, 2.0, failed=1)) == [False, True]
