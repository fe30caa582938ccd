"""Whether a client goes on to read what was written to it."""

from ingress.guard.unread import Unread


def test_who_reads_nothing_is_stuck_when_the_time_is_up() -> None:
    """From the moment when something began to wait."""
    unread = Unread()
    assert not unread.stuck(0, 0.0, 1.0)
    assert not unread.stuck(500_000, 10.0, 1.0)
    assert not unread.stuck(500_000, 11.0, 1.0)
    assert unread.stuck(500_000, 11.1, 1.0)


def test_who_reads_a_byte_now_and_then_is_stuck_too() -> None:
    """It must be 64 KiB in the time that there is."""
    unread = Unread()
    assert not unread.stuck(500_000, 10.0, 1.0)
    assert unread.stuck(499_000, 11.1, 1.0)


def test_who_reads_steadily_may_take_long() -> None:
    """However large the answer is."""
    unread = Unread()
    for second in range(100):
        assert not unread.stuck(10_000_000 - second * 70_000, second * 0.9, 1.0)


def test_what_was_read_to_its_end_begins_anew() -> None:
    """Nothing waits, or little enough to write on."""
    unread = Unread()
    unread.stuck(500_000, 10.0, 1.0)
    unread.moved()
    assert not unread.stuck(500_000, 12.0, 1.0)
    assert not unread.stuck(0, 14.0, 1.0)
    assert not unread.stuck(500_000, 16.0, 1.0)
