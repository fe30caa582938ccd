import asyncio
import time

import pytest

from contracts.call import Reply
from contracts.deadline import after
from contracts.fault import Fault
from ingress.dispatch import Dispatch
from ingress.flow import Flow
from ingress.plan import Breaker, Plan, Retry
from tests.ingress.scripted import OK, QUICK, Clock, ScriptedSender, flow, plan

QUICK_TO_OPEN = Breaker(failure_rate=0.5, window=10, min_calls=4, open_for=5, probes=1)


def code_of(reply: Reply) -> str:
    assert reply.fault
    return reply.fault.code


async def call(dispatch: Dispatch, of: Plan, clock: Clock | None = None) -> Reply:
    return await dispatch(flow(of, clock=clock or time.perf_counter))


async def test_a_good_answer_is_passed_on() -> None:
    """One attempt, with all of the time, and the call as it is."""
    sender = ScriptedSender(OK)
    story = flow(plan(timeout=2.0, retry=QUICK, breaker=QUICK_TO_OPEN))
    assert await Dispatch(sender)(story) is OK
    assert story.attempts == 1
    assert sender.calls == [story.call]
    assert 1.9 < sender.timeouts[0] <= 2.0


async def test_the_times_of_all_attempts_are_added_up() -> None:
    """The flow knows how long was waited, and how much of it workers say they worked."""
    broken = Reply.of_fault(Fault("worker_error"), worker_us=2000)

    class Slow(ScriptedSender):
        async def send(self, *args: object) -> Reply:
            await asyncio.sleep(0.01)
            return await super().send(*args)  # type: ignore[arg-type]

    story = flow(plan(idempotent=True, retry=QUICK))
    await Dispatch(Slow(broken, broken, OK))(story)
    assert story.attempts == 3
    assert story.waited >= 0.029
    assert story.worker == pytest.approx(0.005)
    assert story.paused > 0


@pytest.mark.parametrize(
    "code", ["worker_error", "worker_lost", "bad_reply", "broker_lost", "status_500"]
)
async def test_two_runs_of_one_route_show_retries_only_where_they_are_safe(code: str) -> None:
    """What may have run is tried again on the idempotent route and told on the other."""
    failures: dict[str, Reply] = {
        "broker_lost": Reply.of_fault(Fault("broker_down", not_run=False)),
        "status_500": Reply(status=500, body=b"the worker's own words"),
    }
    failure = failures.get(code) or Reply.of_fault(Fault(code))
    once, again = (flow(plan(idempotent=safe, retry=QUICK)) for safe in (False, True))
    assert await Dispatch(ScriptedSender(failure, OK))(once) is failure
    assert await Dispatch(ScriptedSender(failure, OK))(again) is OK
    assert (once.attempts, again.attempts) == (1, 2)


@pytest.mark.parametrize("code", ["no_route", "busy"])
async def test_what_never_ran_is_tried_again_on_any_route(code: str) -> None:
    """A message that nobody took harms nobody when it is sent again."""
    story = flow(plan(idempotent=False, retry=QUICK))
    assert await Dispatch(ScriptedSender(code, OK))(story) is OK
    assert story.attempts == 2


@pytest.mark.parametrize("code", ["broker_down", "broker_blocked"])
async def test_a_broker_that_is_away_is_told_at_once(code: str) -> None:
    """A new call is not kept for a broker that takes nothing: it is refused without a pause."""
    story = flow(plan(idempotent=True, retry=QUICK))
    assert code_of(await Dispatch(ScriptedSender(code, OK))(story)) == code
    assert story.attempts == 1


async def test_a_call_that_lost_its_broker_is_tried_until_it_is_back() -> None:
    """Refusals between its attempts do not end the retries of a call that was on its way."""
    lost = Reply.of_fault(Fault("broker_down", not_run=False))
    story = flow(plan(idempotent=True, retry=QUICK))
    assert await Dispatch(ScriptedSender(lost, "broker_down", OK))(story) is OK


async def test_a_key_of_the_client_makes_it_safe() -> None:
    """A call with an Idempotency-Key is tried again on any route."""
    story = flow(plan(retry=QUICK), headers=(("idempotency-key", "k"),))
    assert await Dispatch(ScriptedSender("worker_error", OK))(story) is OK


async def test_without_a_retry_there_is_one_attempt() -> None:
    """Retries that are off, or of one attempt, are none."""
    for retry in (None, Retry(attempts=1)):
        story = flow(plan(idempotent=True, retry=retry))
        assert code_of(await Dispatch(ScriptedSender("no_route"))(story)) == "no_route"
        assert story.attempts == 1


async def test_the_workers_own_words_are_the_answer_when_retries_are_used_up() -> None:
    """A reply with status 503 stays that reply after the last attempt, and becomes no fault."""
    reply = Reply(status=503, body=b"closed for lunch")
    story = flow(plan(idempotent=True, retry=QUICK))
    assert await Dispatch(ScriptedSender(reply))(story) is reply
    assert story.attempts == 3


async def test_a_later_attempt_says_so_to_the_worker() -> None:
    """Attempts are numbered from 1, and the flow's own call stays as it came."""
    sender = ScriptedSender("no_route", "no_route", OK)
    story = flow(plan(retry=QUICK))
    came = story.call
    await Dispatch(sender)(story)
    assert [one.attempt for one in sender.calls] == [1, 2, 3]
    assert story.call is came


async def test_an_attempt_that_times_out_is_tried_again_where_that_is_safe() -> None:
    """With a timeout of its own an attempt leaves time for another."""
    retry = Retry(attempts=3, base=0.0001, attempt_timeout=0.01)
    once, again = (flow(plan(idempotent=safe, retry=retry)) for safe in (False, True))
    assert code_of(await Dispatch(ScriptedSender(None, OK))(once)) == "deadline"
    assert await Dispatch(ScriptedSender(None, OK))(again) is OK


async def test_an_attempts_deadline_is_its_own_end() -> None:
    """A worker is told not to begin an attempt that nobody waits for any more."""
    sender = ScriptedSender(OK)
    await Dispatch(sender)(flow(plan(timeout=60, retry=Retry(attempt_timeout=1))))
    assert sender.timeouts == [1]
    assert abs(sender.calls[0].deadline - after(1)) < 500


async def test_a_call_without_a_deadline_gets_one() -> None:
    """No message leaves without the moment at which its answer is worthless."""
    sender = ScriptedSender(OK)
    await Dispatch(sender)(flow(plan(timeout=60), deadline=0))
    assert abs(sender.calls[0].deadline - after(60)) < 500


async def test_all_attempts_live_within_one_deadline() -> None:
    """However many attempts are set, the client hears at most 50 ms after the deadline."""
    retry = Retry(attempts=1000, base=0.001, cap=0.01, attempt_timeout=0.03)
    story = flow(plan(timeout=0.1, idempotent=True, retry=retry))
    assert code_of(await Dispatch(ScriptedSender(None))(story)) == "deadline"
    assert time.perf_counter() - story.received < 0.15
    assert story.attempts > 1


async def test_a_deadline_that_has_passed_sends_nothing() -> None:
    """When policies took all the time, the operation is known not to have run."""
    clock = Clock()
    sender = ScriptedSender(OK)
    story = flow(plan(timeout=1, retry=QUICK, breaker=QUICK_TO_OPEN), clock=clock)
    clock.now += 1
    reply = await Dispatch(sender, clock=clock)(story)
    assert repr(reply.fault) == "<Fault deadline 504 worker not run>"
    assert (sender.calls, story.attempts) == ([], 0)


async def test_a_call_may_have_an_earlier_deadline_than_its_route() -> None:
    """The earlier of the two counts."""
    sender = ScriptedSender(OK)
    await Dispatch(sender)(flow(plan(timeout=60), deadline=after(2)))
    assert sender.timeouts[0] <= 2


async def test_the_breaker_opens_and_then_nothing_is_sent() -> None:
    """An open circuit refuses without a word to the worker, and says when to come back."""
    sender = ScriptedSender("worker_error")
    dispatch, of = Dispatch(sender), plan(breaker=QUICK_TO_OPEN)
    for _ in range(4):
        assert code_of(await call(dispatch, of)) == "worker_error"
    story = flow(of)
    reply = await dispatch(story)
    assert reply.fault
    assert (reply.fault.code, reply.fault.retry_after) == ("circuit_open", 5)
    assert (len(sender.calls), story.attempts) == (4, 0)


async def test_a_refusal_is_quick() -> None:
    """A hundred refusals take less time than the 2 ms that one is allowed, each."""
    dispatch, of = Dispatch(ScriptedSender(OK)), plan(retry=QUICK, breaker=QUICK_TO_OPEN)
    await call(dispatch, of)
    dispatch.breakers()["GET /x"].open()
    began = time.perf_counter()
    for _ in range(100):
        assert code_of(await call(dispatch, of)) == "circuit_open"
    assert (time.perf_counter() - began) / 100 < 0.002


@pytest.mark.parametrize("failure", ["worker_error", "deadline", "bad_reply", 500])
async def test_failures_of_the_backend_count(failure: str | int) -> None:
    """Faults that the table counts, and replies from 500, open the circuit."""
    reply = Reply(status=failure) if isinstance(failure, int) else failure
    dispatch, of = Dispatch(ScriptedSender(reply)), plan(breaker=QUICK_TO_OPEN)
    for _ in range(4):
        await call(dispatch, of)
    assert dispatch.breakers()["GET /x"].state == "open"


@pytest.mark.parametrize("answer", ["not_found", "invalid_body", 404, 200])
async def test_answers_that_blame_the_caller_are_successes(answer: str | int) -> None:
    """A worker that says no is well."""
    reply = Reply(status=answer) if isinstance(answer, int) else answer
    dispatch, of = Dispatch(ScriptedSender(reply)), plan(breaker=QUICK_TO_OPEN)
    await call(dispatch, of)
    breaker = dispatch.breakers()["GET /x"]
    assert (breaker.calls, breaker.failures) == (1, 0)


@pytest.mark.parametrize("code", ["no_route", "broker_down", "broker_blocked", "busy"])
async def test_faults_of_the_way_say_nothing_of_the_backend(code: str) -> None:
    """A broker that is away, or a full queue, neither opens the circuits nor closes them."""
    dispatch, of = Dispatch(ScriptedSender(code)), plan(breaker=QUICK_TO_OPEN)
    for _ in range(20):
        await call(dispatch, of)
    assert repr(dispatch.breakers()["GET /x"]) == "<Breaker 'GET /x' closed, 0 of 0 failed>"


async def test_each_attempt_counts_and_an_opening_circuit_ends_the_retries() -> None:
    """The client is told that the circuit is open, and when to come back."""
    sender = ScriptedSender("worker_error")
    retry = Retry(attempts=9, base=0.0001)
    dispatch = Dispatch(sender)
    story = flow(plan(idempotent=True, retry=retry, breaker=QUICK_TO_OPEN))
    reply = await dispatch(story)
    assert code_of(reply) == "circuit_open"
    assert (len(sender.calls), story.attempts) == (4, 4)


async def test_the_last_fault_speaks_for_all_attempts() -> None:
    """A first attempt may have run, so the whole call may have, whatever the last fault says."""
    story = flow(plan(idempotent=True, retry=QUICK))
    reply = await Dispatch(ScriptedSender("worker_error", "no_route"))(story)
    assert repr(reply.fault) == "<Fault no_route 503 broker may have run>"
    story = flow(plan(idempotent=True, retry=QUICK))
    reply = await Dispatch(ScriptedSender("busy", "no_route"))(story)
    assert repr(reply.fault) == "<Fault no_route 503 broker not run>"


async def hang_up(dispatch: Dispatch, of: Plan, clients: int, clock: Clock | None = None) -> None:
    """Let clients call and leave in the middle."""
    tasks = [asyncio.ensure_future(call(dispatch, of, clock)) for _ in range(clients)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(task.cancelled() for task in tasks)


async def test_fifty_clients_that_hang_up_never_open_the_breaker() -> None:
    """Whoever leaves says nothing of the backend."""
    sender = ScriptedSender(None)
    dispatch, of = Dispatch(sender), plan(breaker=QUICK_TO_OPEN)
    await hang_up(dispatch, of, 50)
    assert len(sender.calls) == 50
    assert repr(dispatch.breakers()["GET /x"]) == "<Breaker 'GET /x' closed, 0 of 0 failed>"


@pytest.mark.parametrize("probes", [1, 3])
async def test_exactly_the_probes_get_through(probes: int) -> None:
    """Of a hundred calls at once on a half-open circuit, exactly the set number is sent."""
    clock = Clock()
    sender = ScriptedSender(*["worker_error"] * 4, None)
    of = plan(breaker=Breaker(min_calls=4, open_for=5, probes=probes), timeout=0.05)
    dispatch = Dispatch(sender, clock=clock)
    for _ in range(4):
        await call(dispatch, of, clock)
    clock.now += 5
    replies = await asyncio.gather(*(call(dispatch, of, clock) for _ in range(100)))
    codes = [code_of(reply) for reply in replies]
    assert (codes.count("deadline"), codes.count("circuit_open")) == (probes, 100 - probes)
    assert len(sender.calls) == 4 + probes


async def test_a_probe_whose_client_leaves_makes_room_for_the_next() -> None:
    """The circuit does not stay half-open for ever, waiting for one who left."""
    clock = Clock()
    sender = ScriptedSender(*["worker_error"] * 4, None, OK)
    of = plan(breaker=QUICK_TO_OPEN)
    dispatch = Dispatch(sender, clock=clock)
    for _ in range(4):
        await call(dispatch, of, clock)
    clock.now += 5
    await hang_up(dispatch, of, 1, clock)
    assert await call(dispatch, of, clock) is OK
    assert dispatch.breakers()["GET /x"].state == "closed"


async def test_a_client_that_leaves_in_back_off_ends_the_retries() -> None:
    """Nothing is sent for somebody who is gone."""
    sender = ScriptedSender("no_route", OK)
    of = plan(timeout=60, retry=Retry(attempts=3, base=30, cap=30))
    await hang_up(Dispatch(sender), of, 1)
    assert len(sender.calls) == 1


async def test_a_dialect_that_cannot_send_says_nothing_of_the_backend() -> None:
    """What the sender raises comes out, is not tried again, and gives its permit back."""

    class Mute(ScriptedSender):
        async def send(self, *args: object) -> Reply:
            raise ZeroDivisionError

    dispatch, of = Dispatch(Mute(OK)), plan(idempotent=True, retry=QUICK, breaker=QUICK_TO_OPEN)
    for _ in range(10):
        with pytest.raises(ZeroDivisionError):
            await call(dispatch, of)
    assert dispatch.breakers()["GET /x"].calls == 0


async def test_retries_end_when_the_budget_of_the_route_is_spent() -> None:
    """Of a hundred failing calls on a quiet route at most thirty, and a fifth of them, retry."""
    clock = Clock()
    sender = ScriptedSender("no_route")
    dispatch = Dispatch(sender, clock=clock)
    for _ in range(100):
        await call(dispatch, plan(retry=QUICK), clock)
    assert len(sender.calls) == 100 + 30 + 20


async def test_each_route_has_a_budget_of_its_own() -> None:
    """A route that fails for good takes no retries from another."""
    dispatch = Dispatch(ScriptedSender("no_route"))
    for _ in range(50):
        await call(dispatch, plan(retry=QUICK))
    story = flow(plan(name="GET /y", retry=QUICK))
    await dispatch(story)
    assert story.attempts == 3


async def test_changes_of_a_breaker_are_told_on_a_turn_of_their_own() -> None:
    """The request that opens the circuit gets its answer first, even if the listener crashes."""
    heard: list[tuple[str, str, str]] = []
    dispatch = Dispatch(
        ScriptedSender("worker_error"), on_breaker_change=lambda *change: heard.append(change)
    )
    for _ in range(4):
        await call(dispatch, plan(breaker=QUICK_TO_OPEN))
    assert heard == []
    await asyncio.sleep(0)
    assert heard == [("GET /x", "closed", "open")]


async def test_a_reload_keeps_the_state_of_what_did_not_change() -> None:
    """The same settings keep the breaker, other settings begin closed, and lost routes are gone."""
    dispatch = Dispatch(ScriptedSender(OK))
    of = [plan(name=name, breaker=QUICK_TO_OPEN, retry=QUICK) for name in ("a", "b", "c")]
    dispatch.adopt(of)
    for breaker in dispatch.breakers().values():
        breaker.open()
    other = Breaker(probes=7)
    dispatch.adopt([plan(name="a", breaker=QUICK_TO_OPEN), plan(name="b", breaker=other)])
    states = {name: breaker.state for name, breaker in dispatch.breakers().items()}
    assert states == {"a": "open", "b": "closed"}


async def test_a_reload_keeps_what_was_spent_of_the_budget() -> None:
    """A new config is no new credit."""
    dispatch = Dispatch(ScriptedSender("no_route"))
    of = plan(retry=QUICK)
    for _ in range(50):
        await call(dispatch, of)
    dispatch.adopt([of])
    story = flow(of)
    await dispatch(story)
    assert story.attempts == 1


async def test_a_request_in_flight_finishes_with_the_breaker_it_began_with() -> None:
    """A reload in the middle of a call neither loses its answer nor blames the new breaker."""
    dispatch = Dispatch(ScriptedSender(None))
    task = asyncio.ensure_future(call(dispatch, plan(timeout=0.02, breaker=QUICK_TO_OPEN)))
    await asyncio.sleep(0)
    dispatch.adopt([plan(breaker=Breaker(min_calls=1))])
    assert code_of(await task) == "deadline"
    assert dispatch.breakers()["GET /x"].state == "closed"


async def test_a_flow_without_a_plan_is_not_found() -> None:
    """Nobody can be asked when no route matched."""
    story = flow()
    lost = Flow(story.call, None, story.received)
    assert code_of(await Dispatch(ScriptedSender(OK))(lost)) == "not_found"
