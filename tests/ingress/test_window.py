from hypothesis import given
from hypothesis import strategies as st

from ingress.window import BUCKETS, Window
from tests.ingress.scripted import Clock


def test_an_empty_window_holds_nothing() -> None:
    """A new window has counted nothing."""
    assert repr(Window(10, Clock())) == "<Window 0 of 0 in 10 s>"


def test_counts_and_marks() -> None:
    """Things and marks are counted apart."""
    window = Window(10, Clock())
    window.count()
    window.count()
    window.mark()
    assert (window.marked, window.total) == (1, 2)


def test_what_happened_is_kept_for_nine_tenths_of_the_window() -> None:
    """Nothing is forgotten before nine tenths of the window have passed."""
    clock = Clock()
    window = Window(10, clock)
    window.count()
    clock.now += 9
    window.turn()
    assert window.total == 1


def test_what_happened_is_forgotten_after_the_window() -> None:
    """Everything is forgotten when the whole window has passed."""
    clock = Clock()
    window = Window(10, clock)
    window.count()
    window.mark()
    clock.now += 10
    window.turn()
    assert (window.marked, window.total) == (0, 0)


def test_a_long_pause_forgets_everything_once() -> None:
    """A pause of many windows leaves a window that counts on as new."""
    clock = Clock()
    window = Window(10, clock)
    window.count()
    clock.now += 10_000
    window.count()
    assert window.total == 1


def test_clear_forgets_everything() -> None:
    """A cleared window is as good as new."""
    window = Window(10, Clock())
    window.count()
    window.mark()
    window.clear()
    assert (window.marked, window.total) == (0, 0)


@given(st.lists(st.tuples(st.floats(0, 4), st.sampled_from(["count", "mark", "turn"]))))
def test_a_window_agrees_with_a_list_of_all_that_happened(steps: list[tuple[float, str]]) -> None:
    """Whatever happens when, the window holds what is in the last ten buckets."""
    clock = Clock()
    window = Window(10, clock)
    happened: list[tuple[int, str]] = []
    for pause, step in steps:
        clock.now += pause
        getattr(window, step)()
        happened.append((int(clock.now), step))
        recent = [what for when, what in happened if when > int(clock.now) - BUCKETS]
        assert (window.marked, window.total) == (recent.count("mark"), recent.count("count"))
