"""Which answer has to go."""

import random
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from ingress.cache.eviction import Queues, Slot


def slot(name: int, cost: int = 1) -> Slot[int]:
    return Slot(name, name, cost)


def test_what_was_not_asked_for_goes_first() -> None:
    """A page that was asked for again outlives a scan of pages that were not."""
    queues: Queues[int] = Queues(10)
    popular = slot(0)
    queues.add(popular)
    popular.hit()
    for name in range(1, 1000):
        queues.add(slot(name))
    assert not popular.gone
    assert queues.used == 10


def test_what_comes_back_soon_is_believed() -> None:
    """One that left unasked for and comes again goes to the large queue at once."""
    queues: Queues[int] = Queues(10)
    for name in range(11):
        queues.add(slot(name))
    again = slot(0)
    queues.add(again)
    assert again.main


def test_what_is_larger_than_the_room_is_not_taken() -> None:
    """And nothing goes for it."""
    queues: Queues[int] = Queues(10)
    queues.add(slot(1))
    large = slot(2, 11)
    assert queues.add(large) == [large]
    assert (large.gone, queues.used) == (True, 1)
    assert repr(queues) == "<Queues 1 of 10 bytes>"


def test_dropping_many_leaves_nothing_behind() -> None:
    """Places of what is gone are swept before they are many."""
    queues: Queues[int] = Queues(10)
    for name in range(10_000):
        one = slot(name)
        queues.add(one)
        queues.drop(one)
        queues.drop(one)
    assert queues.used == 0
    assert len(queues._small) + len(queues._main) < 3000


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "hit", "drop"]), st.integers(0, 30), st.integers(1, 60)),
        max_size=200,
    )
)
def test_the_room_is_never_exceeded(steps: list[tuple[str, int, int]]) -> None:
    """Whatever happens: what is used is the sum of what is there."""
    queues: Queues[int] = Queues(100)
    there: dict[int, Slot[int]] = {}
    for what, name, cost in steps:
        old = there.get(name)
        if what == "add":
            if old is not None:
                queues.drop(there.pop(name))
            new = slot(name, cost)
            there[name] = new
            for out in queues.add(new):
                assert out.gone
                del there[out.item]
        elif old is not None and what == "hit":
            old.hit()
        elif old is not None:
            queues.drop(there.pop(name))
        assert queues.used == sum(one.cost for one in there.values()) <= 100
        assert not any(one.gone for one in there.values())


def test_it_hits_more_often_than_first_in_first_out() -> None:
    """On a made-up trace: a few popular names, and a scan in the middle of each thousand."""
    requests = list(_trace(20_000))
    ours, fifo = _hits_of_queues(requests, 200), _hits_of_fifo(requests, 200)
    assert ours > fifo * 1.15, (ours, fifo)


def _trace(length: int) -> Iterator[int]:
    dice = random.Random(7)
    for number in range(length):
        if number % 1000 < 200:
            yield 1_000_000 + number
        else:
            # Zipf's law with an exponent of about 1, over 5,000 names.
            yield int(5000 ** dice.random())


def _hits_of_queues(requests: list[int], room: int) -> int:
    queues: Queues[int] = Queues(room)
    there: dict[int, Slot[int]] = {}
    hits = 0
    for name in requests:
        if (found := there.get(name)) is not None:
            found.hit()
            hits += 1
            continue
        there[name] = new = slot(name)
        for out in queues.add(new):
            del there[out.item]
    return hits


def _hits_of_fifo(requests: list[int], room: int) -> int:
    there: dict[int, None] = {}
    hits = 0
    for name in requests:
        if name in there:
            hits += 1
            continue
        if len(there) >= room:
            del there[next(iter(there))]
        there[name] = None
    return hits
