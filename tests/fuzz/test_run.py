"""A few seconds of garbage, and whether the account would tell."""

from pathlib import Path

from tests.fuzz.garbage import Garbage
from tests.fuzz.run import GROWTH, Account, Fuzz


async def test_garbage_finds_nothing(tmp_path: Path) -> None:
    """No 5xx, no traceback, no hang, and no error of a route file but its own."""
    account = await Fuzz(tmp_path, 3.0, seed=7).run()
    assert account.found == []
    assert account.requests > 50
    assert account.files > 10
    # It is not all refused at the door: some of it reaches the worker.
    assert account.statuses["200"] > 5
    assert account.statuses["400"] > 5


def test_a_seed_gives_the_same_again() -> None:
    """What was found can be looked at."""
    once, twice, other = Garbage(1), Garbage(1), Garbage(2)
    made = [once.request() for _ in range(50)]
    # Tokens have the time in them.
    assert [len(one) for one in made] == [len(twice.request()) for _ in range(50)]
    assert made != [other.request() for _ in range(50)]


def test_growth_is_told_from_warming_up() -> None:
    """What is there when it is warm is compared with the end."""
    mebi = 1024**2
    steady = Account(seed=1, memory=[80 * mebi] * 5 + [120 * mebi] * 35)
    growing = Account(seed=1, memory=[(100 + number * 5) * mebi for number in range(40)])
    assert steady.grown < GROWTH < growing.grown
