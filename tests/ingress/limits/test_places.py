from pathlib import Path

from ingress.limits.places import SIZE, Places, total
from ingress.limits.processes import Processes


def test_places_are_taken_and_given_back(tmp_path: Path) -> None:
    """Calls of all processes count together."""
    buffer = bytearray(SIZE + 8)
    ours = [Processes(tmp_path), Processes(tmp_path)]
    one, other = map(Places, ours)
    one.take(buffer, 8)
    other.take(buffer, 8)
    assert (one.used(buffer, 8, 5), one.used(buffer, 8, 1), total(buffer, 8)) == (2, 2, 2)
    one.give_back(buffer, 8)
    other.give_back(buffer, 8)
    other.give_back(buffer, 8)
    assert total(buffer, 8) == 0
    for process in ours:
        process.close()


def test_what_the_dead_held_is_free(tmp_path: Path) -> None:
    """Places of a process that is gone come back when they are needed, and only those."""
    buffer = bytearray(SIZE)
    here, gone = Processes(tmp_path), Processes(tmp_path)
    places = Places(here)
    places.take(buffer, 0)
    lost = Places(gone)
    lost.take(buffer, 0)
    lost.take(buffer, 0)
    gone.close()
    # Nobody needs them yet, so nobody asks who lives.
    assert places.used(buffer, 0, 5) == 3
    assert places.used(buffer, 0, 3) == 1
    here.close()


def test_who_gets_the_number_of_the_dead_gets_nothing_of_theirs(tmp_path: Path) -> None:
    """A new process with an old number begins with none, and the dead one's are gone."""
    buffer = bytearray(SIZE)
    gone = Processes(tmp_path)
    Places(gone).take(buffer, 0)
    gone.close()
    here = Processes(tmp_path)
    assert here.number == gone.number
    places = Places(here)
    places.take(buffer, 0)
    assert places.used(buffer, 0, 1) == 1
    assert repr(places) == "<Places of <Processes: this is 0>>"
    here.close()
