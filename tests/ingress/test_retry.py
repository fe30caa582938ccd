import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.call import Call, Reply
from contracts.fault import TABLE, Blame, Fault
from ingress.plan import Retry
from ingress.retry import asked_to_wait, retryable, try_again
from tests.ingress.scripted import OK, plan

CALL = Call(id="r-1", operation="orders.get")
KEYED = Call(id="r-1", operation="orders.get", headers=(("idempotency-key", "k"),))
ONCE, AGAIN = plan(idempotent=False), plan(idempotent=True)

NOT_RUN = ["no_route", "no_worker", "busy", "broker_down", "broker_blocked", "unknown_operation"]
MAY_HAVE_RUN = ["worker_error", "bad_reply", "worker_lost", "deadline"]


def reply_of(code: str, **more: object) -> Reply:
    return Reply.of_fault(Fault(code, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize("code", NOT_RUN)
def test_what_is_known_not_to_have_run_is_retryable(code: str) -> None:
    """Any operation may be tried again that never began."""
    assert retryable(reply_of(code), ONCE, CALL)


@pytest.mark.parametrize("code", MAY_HAVE_RUN)
def test_what_may_have_run_is_not_retryable(code: str) -> None:
    """An operation that may have run is not tried again by default."""
    assert not retryable(reply_of(code), ONCE, CALL)


@pytest.mark.parametrize("code", MAY_HAVE_RUN)
def test_an_idempotent_operation_is_retryable(code: str) -> None:
    """It may have run: running it twice is the same as once."""
    assert retryable(reply_of(code), AGAIN, CALL)


@pytest.mark.parametrize("code", MAY_HAVE_RUN)
def test_a_call_with_an_idempotency_key_is_retryable(code: str) -> None:
    """The key lets the other side see that it is the same call."""
    assert retryable(reply_of(code), ONCE, KEYED)


def test_a_broker_lost_in_the_middle_may_have_passed_the_call_on() -> None:
    """The fault's own word counts, not the table's."""
    lost = reply_of("broker_down", not_run=False)
    assert not retryable(lost, ONCE, CALL)
    assert retryable(lost, AGAIN, CALL)


def test_a_worker_may_say_that_it_did_not_run() -> None:
    """A worker's error is retryable for anybody when it says so itself."""
    assert retryable(reply_of("worker_error", not_run=True), ONCE, CALL)


@pytest.mark.parametrize("code", [c for c, kind in TABLE.items() if kind.blame is Blame.CALLER])
def test_faults_of_the_caller_are_never_retryable(code: str) -> None:
    """Asking the same wrong thing again gives the same answer."""
    assert not retryable(reply_of(code), AGAIN, KEYED)


def test_an_own_code_is_judged_by_its_status() -> None:
    """4xx blames the caller, 5xx the worker."""
    assert not retryable(reply_of("out_of_stock", status=409), AGAIN, CALL)
    assert retryable(reply_of("warehouse_closed", status=503), AGAIN, CALL)


def test_an_open_circuit_is_not_retryable() -> None:
    """It would only be refused again."""
    assert not retryable(reply_of("circuit_open"), AGAIN, KEYED)


@pytest.mark.parametrize(
    "status, expected", [(200, False), (404, False), (429, False), (500, True), (503, True)]
)
def test_a_reply_with_a_server_error_is_like_a_workers_error(status: int, expected: bool) -> None:  # noqa: FBT001
    """A status from 500 is tried again where that is safe, and any other is an answer."""
    assert retryable(Reply(status=status), AGAIN, CALL) is expected
    assert not retryable(Reply(status=status), ONCE, CALL)


@pytest.mark.parametrize(
    "reply, seconds",
    [
        (OK, 0),
        (Reply(status=503, headers=(("retry-after", "7"),)), 7),
        (Reply(status=503, headers=(("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),)), 0),
        (Reply(status=503, headers=(("retry-after", "-1"),)), 0),
        (Reply(status=503, headers=(("retry-after", "\u0663"),)), 0),
        (Reply(status=503, headers=(("retry-after", "9" * 5000),)), 0),
        (reply_of("busy"), 0),
        (reply_of("busy", retry_after=4), 4),
        (reply_of("worker_error", retry_after=0), 0),
    ],
)
def test_what_a_worker_asked_for_is_read(reply: Reply, seconds: float) -> None:
    """Retry-After in seconds, of a fault or a reply; the table's advice for clients is none."""
    assert asked_to_wait(reply) == seconds


class Play:
    """Outcomes in order, and a note of everything that was asked."""

    def __init__(self, *outcomes: Reply, left: float = 100.0, budget: int = 100) -> None:
        self.outcomes = list(outcomes)
        self.attempts = 1
        self.paid = 0
        self.waits: list[float] = []
        self._left, self._budget = left, budget

    async def attempt(self) -> Reply:
        self.attempts += 1
        return self.outcomes.pop(0)

    def left(self) -> float:
        return self._left - sum(self.waits)

    def pay(self) -> bool:
        self.paid += 1
        return self.paid <= self._budget

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def run(self, retry: Retry) -> Reply:
        return await try_again(
            self.outcomes.pop(0),
            self.attempt,
            retry=retry,
            again=lambda reply: retryable(reply, AGAIN, CALL),
            left=self.left,
            pay=self.pay,
            sleep=self.sleep,
        )


BROKEN = reply_of("worker_error")


async def test_it_stops_at_the_first_good_answer() -> None:
    """An answer ends the retries, and each retry made was paid for."""
    play = Play(BROKEN, BROKEN, OK)
    assert await play.run(Retry(attempts=9)) is OK
    assert (play.attempts, play.paid) == (3, 2)


async def test_it_stops_at_an_answer_that_is_not_worth_it() -> None:
    """A fault of the caller in the second attempt is the answer."""
    play = Play(BROKEN, reply_of("not_found"))
    reply = await play.run(Retry(attempts=9))
    assert reply.fault
    assert (reply.fault.code, play.attempts) == ("not_found", 2)


async def test_attempts_count_the_first_one() -> None:
    """Three attempts are two retries; then the last attempt's own answer is given."""
    last = Reply(status=503, body=b"the worker's own words")
    play = Play(BROKEN, BROKEN, last)
    assert await play.run(Retry(attempts=3)) is last
    assert (play.attempts, play.paid) == (3, 2)


async def test_an_empty_budget_ends_the_retries() -> None:
    """With one retry left in the budget, the second one is not made."""
    play = Play(BROKEN, BROKEN, OK, budget=1)
    reply = await play.run(Retry(attempts=9))
    assert reply is BROKEN
    assert play.attempts == 2


async def test_a_retry_is_paid_before_its_wait() -> None:
    """Those that wait in back-off are paid for already."""
    play = Play(BROKEN, OK)
    paid: list[int] = []

    async def sleep(seconds: float) -> None:
        paid.append(play.paid)

    play.sleep = sleep  # type: ignore[method-assign]
    await play.run(Retry())
    assert paid == [1]


async def test_a_wait_that_does_not_fit_is_not_begun() -> None:
    """Without time for the wait the failure is told at once, and nothing is paid."""
    play = Play(BROKEN, OK, left=0.0)
    assert await play.run(Retry()) is BROKEN
    assert (play.attempts, play.paid, play.waits) == (1, 0, [])


async def test_retry_after_is_honoured_when_it_fits() -> None:
    """A worker that asks for two seconds gets them, and some jitter on top."""
    play = Play(reply_of("busy", retry_after=2), OK)
    assert await play.run(Retry(base=0.1, cap=0.1)) is OK
    assert 2 <= play.waits[0] <= 2.1


async def test_retry_after_beyond_the_deadline_ends_the_retries() -> None:
    """A worker is not asked again before the time that it asked for."""
    busy = reply_of("busy", retry_after=200)
    play = Play(busy, OK)
    assert await play.run(Retry()) is busy
    assert play.attempts == 1


@given(
    base=st.floats(0.001, 1),
    cap=st.floats(0.001, 1),
    attempts=st.integers(2, 12),
)
def test_waits_are_drawn_from_zero_to_a_growing_bound(
    base: float, cap: float, attempts: int
) -> None:
    """Full jitter: the n-th wait is between 0 and base * 2^n, and never beyond the cap."""
    play = Play(*[BROKEN] * attempts)
    asyncio.run(play.run(Retry(attempts=attempts, base=base, cap=cap)))
    assert len(play.waits) == attempts - 1
    assert all(0 <= wait <= min(cap, base * 2**n) * 1.000001 for n, wait in enumerate(play.waits))


async def test_waits_differ() -> None:
    """Two calls that failed together do not come back together."""
    plays = [Play(BROKEN, OK) for _ in range(20)]
    await asyncio.gather(*(play.run(Retry()) for play in plays))
    assert len({play.waits[0] for play in plays}) > 10


@pytest.mark.parametrize(
    "crash", [asyncio.CancelledError(), ZeroDivisionError(), Fault("too_large")]
)
async def test_what_an_attempt_raises_is_not_retried(crash: BaseException) -> None:
    """A cancellation or a bug comes out as it is, at once."""
    play = Play(BROKEN)

    async def attempt() -> Reply:
        play.attempts += 1
        raise crash

    play.attempt = attempt  # type: ignore[method-assign]
    with pytest.raises(type(crash)) as caught:
        await play.run(Retry())
    assert caught.value is crash
    assert play.attempts == 2


async def test_calls_at_the_same_time_do_not_share_attempts() -> None:
    """A hundred calls in back-off together get all of their attempts each."""
    plays = [Play(*[BROKEN] * 4) for _ in range(100)]
    for play in plays:
        play.sleep = asyncio.sleep  # type: ignore[method-assign,assignment]
    await asyncio.gather(*(play.run(Retry(attempts=4, base=0.001)) for play in plays))
    assert {play.attempts for play in plays} == {4}
