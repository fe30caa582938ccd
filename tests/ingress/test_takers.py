from typing import Any

import pytest

from contracts.brokers.port import LARGEST_LOT
from ingress.takers import OWN_US, WORK_US, Takers

GET = "orders.get"
FAST = {"x-takes-all": 1, "x-takes-bundles": 200, "x-worker-us": 5}


def heard(takers: Takers, times: int = 100, **changes: Any) -> Takers:
    """Hear so many answers to calls of ``orders.get``."""
    headers = {**FAST, **{name.replace("_", "-"): value for name, value in changes.items()}}
    for _ in range(times):
        takers.hear("q", GET, {name: v for name, v in headers.items() if v is not None})
    return takers


def test_nothing_is_taken_for_granted() -> None:
    """Until an answer says otherwise, calls go with confirms; a silent one says nothing."""
    assert Takers().lot("q", GET) == 0
    assert heard(Takers(), x_takes_all=None).lot("q", GET) == 0


def test_workers_say_how_many_they_take() -> None:
    """A lot is as large as they say, for fast operations, and never above a bound."""
    assert heard(Takers(), x_takes_bundles=None).lot("q", GET) == 1
    assert heard(Takers(), x_takes_bundles=7).lot("q", GET) == 7
    idle = heard(Takers(), times=1000, x_takes_bundles=10_000, x_worker_us=0)
    assert idle.lot("q", GET) == LARGEST_LOT


def test_the_one_that_takes_least_decides() -> None:
    """A message may come to any of them; one that does not say takes one."""
    takers = heard(heard(Takers(), x_takes_bundles=8), x_takes_bundles=4)
    assert heard(takers, x_takes_bundles=8).lot("q", GET) == 4
    assert heard(takers, x_takes_bundles=None).lot("q", GET) == 1
    assert heard(takers, x_takes_bundles=8).lot("q", GET) == 1


@pytest.mark.parametrize("junk", [True, -3, 0, 2.5, "8", b"8", None, [8]])
def test_what_is_no_number_of_calls_is_one(junk: object) -> None:
    """Whoever answers may write anything, and gets calls one by one then."""
    assert heard(Takers(), x_takes_bundles=junk).lot("q", GET) == 1


@pytest.mark.parametrize("junk", [True, -3, 2.5, "8", None])
def test_what_is_no_time_is_not_believed(junk: object) -> None:
    """An operation of which nobody knows how long it takes is called one by one."""
    assert heard(Takers(), x_worker_us=junk).lot("q", GET) == 1


def test_a_message_holds_a_bounded_time_of_work() -> None:
    """The slower an operation is, the fewer calls of it; a slow one goes alone."""
    takers = heard(Takers(), times=1000, x_worker_us=84)
    assert takers.lot("q", GET) == WORK_US // (85 + OWN_US) == 10
    assert heard(takers, x_worker_us=20_000).lot("q", GET) == 1
    assert heard(takers, times=1000, x_worker_us=84).lot("q", GET) == 10


def test_one_slow_answer_changes_little_and_many_do() -> None:
    """A pause of a worker is not what its operation takes."""
    takers = heard(Takers(), times=1000, x_worker_us=5)
    before = takers.lot("q", GET)
    assert before // 3 <= heard(takers, times=1, x_worker_us=500).lot("q", GET) < before
    assert heard(takers, times=30, x_worker_us=5000).lot("q", GET) == 1


def test_each_operation_has_its_own_time() -> None:
    """A slow one of the same queue is called one by one, and does not slow the others."""
    takers = heard(Takers())
    assert takers.lot("q", "orders.slow") == 1
    takers.hear("q", "orders.slow", {**FAST, "x-worker-us": 9000})
    assert takers.lot("q", "orders.slow") == 1
    assert takers.lot("q", GET) > 1


def test_a_doubted_queue_stays_so_until_the_next_connection() -> None:
    """When a call came to no end, confirms tell more; what workers say does not count then."""
    takers = heard(Takers())
    takers.doubt("q")
    assert heard(takers).lot("q", GET) == 0
    assert repr(takers) == "<Takers {} doubted=['q']>"
    takers.forget()
    assert takers.lot("q", GET) == 0
    assert heard(takers).lot("q", GET) > 1
