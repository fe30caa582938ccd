"""The benchmark of slow clients measures what it says, with fewer of them."""

from bench import slow_clients
from bench.slow_clients import Row


def test_slow_clients_leave_the_others_unharmed() -> None:
    """All of the others are answered, and half of their answers take no longer than a moment."""
    rows, said = slow_clients.run(200, 0.6, 1)
    assert [row.phase for row in rows] == ["alone", "coming", "beside", "going"]
    assert not any(row.failed for row in rows)
    assert all(0 < row.p50 <= row.p99 <= row.longest for row in rows)
    assert rows[2].p50 < 100
    # Nobody was lost: who is thrown out comes again.
    assert len(said) == 1
    assert int(said[0].split(" ")[0]) > 150
    *each, alone, coming, beside, going = slow_clients.table(rows)
    assert len(each) == 5
    for line, row in zip((alone, coming, beside, going), rows, strict=True):
        assert line.startswith(f"{row.phase} (median) ")


def row(phase: str, p99: float, failed: int = 0, starved: float = 0.0) -> Row:
    """Measure nothing."""
    return Row(
        phase=phase,
        p50=1.0,
        p99=p99,
        longest=p99,
        failed=failed,
        memory=1.0,
        cpu=0.1,
        starved=starved,
        stolen=0.0,
    )


def good(*rows: Row) -> list[bool]:
    """Say what is reached of what is promised."""
    return [one for one, _ in slow_clients.verdicts(rows)][:2]


def test_who_is_slowed_down_fails_the_run() -> None:
    """Twice the p99, or one request without its answer, whenever it was."""
    assert good(row("alone", 2.0), row("beside", 3.9)) == [True, True]
    assert good(row("alone", 2.0), row("beside", 4.1)) == [True, False]
    assert good(row("alone", 2.0), row("beside", 2.0, failed=1)) == [False, True]
    assert good(row("alone", 2.0), row("coming", 90.0, failed=1), row("beside", 2.0)) == [
        False,
        True,
    ]


def test_each_round_is_held_against_itself() -> None:
    """One in which the machine did something else decides nothing; most of them do."""
    quiet, busy = (row("alone", 1.0), row("beside", 1.5)), (row("alone", 1.0), row("beside", 90.0))
    slow = (row("alone", 30.0), row("beside", 31.0))
    assert good(*quiet, *busy, *slow) == [True, True]
    assert good(*quiet, *busy, *busy) == [True, False]
    _, (_, said), _ = slow_clients.verdicts([*quiet, *busy, *slow])
    assert said == "p99 beside slow clients: 1.50 times that alone, from 1.03 to 90.00 in 3 rounds"


def test_a_machine_that_is_not_quiet_decides_nothing() -> None:
    """Whatever came of it: what slowed both ways down hides what the slow clients did."""
    for share, quiet in ((0.04, True), (0.06, False)):
        rows = row("alone", 1.0, starved=share), row("beside", 1.0, starved=0.5)
        *_, (found, said) = slow_clients.verdicts(rows)
        assert found is quiet
        assert said.startswith("a quiet machine: ")
        assert f"{share:.1%}" in said
