import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Delivery, Message, Queue, State
from contracts.call import Call, Reply
from contracts.dialects.native import Native
from contracts.fault import Fault
from ingress.plan import Target
from ingress.rpc import Rpc
from tests.harness.waiting import eventually
from tests.ingress.scripted import (
    TARGET,
    PlainDialect,
    ScriptedBroker,
    answering_broker,
)

CALL = Call(id="r-1", operation="orders.get", body=b"question")


def send(rpc: Rpc, timeout: float = 5.0, target: Target = TARGET) -> asyncio.Task[Reply]:
    return asyncio.ensure_future(rpc.send(target, CALL, timeout))


async def tick() -> None:
    await asyncio.sleep(0)


async def test_an_answer_finds_the_call_that_waits_for_it() -> None:
    """Answers may come in any order; each call gets its own."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    first, second = send(rpc), send(rpc)
    await tick()
    broker.answer(broker.published[1], body=b"two")
    broker.answer(broker.published[0], body=b"one")
    assert [(await first).body, (await second).body] == [b"one", b"two"]
    assert rpc.pending == 0


async def test_a_message_says_where_and_until_when_it_is_wanted() -> None:
    """Key and exchange are the target's; it has the reply queue and what is left, rounded up."""
    broker = answering_broker()
    target = Target(operation="a.b", dialect=PlainDialect(), routing_key="key", exchange="ex")
    rpc = Rpc(broker)
    await send(rpc, 1.2341, target)
    await send(rpc, 0.00001, target)
    first, second = broker.published
    assert (first.exchange, first.routing_key) == ("ex", "key")
    assert (first.message.reply_to, first.message.expiration_ms) == ("replies.1", 1235)
    assert second.message.expiration_ms == 1


async def test_correlation_ids_are_unique() -> None:
    """Every attempt has an id of its own, and two processes share none."""
    broker = answering_broker()
    one = Rpc(broker)
    for _ in range(100):
        await send(one)
    other = answering_broker()
    two = Rpc(other)
    for _ in range(100):
        await send(two)
    ids = {p.message.correlation_id for p in broker.published + other.published}
    assert len(ids) == 200


async def test_an_answer_may_come_within_the_publish() -> None:
    """A broker in memory may be that fast."""
    broker = ScriptedBroker(lambda published: broker.answer(published, body=b"at once"))
    assert (await send(Rpc(broker))).body == b"at once"


@pytest.mark.parametrize("code", ["no_route", "busy", "broker_down"])
async def test_a_message_that_the_broker_did_not_take_ends_the_call_at_once(code: str) -> None:
    """The outcome's fault is the answer, without waiting for the timeout."""
    broker = ScriptedBroker(lambda published: published.on_outcome(Fault(code)))
    rpc = Rpc(broker)
    reply = await send(rpc, 3600)
    assert reply.fault
    assert reply.fault.code == code
    assert rpc.pending == 0


async def test_a_confirm_is_no_answer() -> None:
    """That the broker took the message changes nothing for the one who waits."""
    broker = ScriptedBroker(lambda published: published.on_outcome(None))
    rpc = Rpc(broker)
    task = send(rpc)
    await tick()
    assert rpc.pending == 1
    broker.answer(broker.published[0], body=b"well")
    assert (await task).body == b"well"


async def test_an_outcome_after_the_answer_is_ignored() -> None:
    """Confirms and replies race; whatever comes second changes nothing."""
    broker = answering_broker()
    rpc = Rpc(broker)
    assert (await send(rpc)).fault is None
    broker.published[0].on_outcome(Fault("broker_down"))
    assert repr(rpc) == "<Rpc pending=0 sent=1 late=0 duplicate=0 orphan=0>"


async def test_a_refused_publish_is_an_answer() -> None:
    """A broker that takes nothing now is told of at once, and nothing is left behind."""
    broker = ScriptedBroker()
    broker.refusal = Fault("broker_blocked")
    rpc = Rpc(broker)
    reply = await send(rpc)
    assert repr(reply.fault) == "<Fault broker_blocked 503 broker not run>"
    assert rpc.pending == 0


async def test_no_answer_in_time_is_the_fault_deadline() -> None:
    """At the timeout, and not 50 ms later, the call ends and its entry is gone."""
    loop = asyncio.get_running_loop()
    rpc = Rpc(ScriptedBroker())
    began = loop.time()
    reply = await send(rpc, 0.05)
    assert repr(reply.fault) == "<Fault deadline 504 worker may have run>"
    assert 0.05 <= loop.time() - began + 0.002 < 0.1
    assert rpc.pending == 0


async def test_a_cancelled_call_leaves_nothing_behind() -> None:
    """When the client hangs up, the entry is gone, and so is the timer."""
    rpc = Rpc(ScriptedBroker())
    task = send(rpc)
    await tick()
    assert rpc.pending == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert rpc.pending == 0


async def test_nothing_outlives_its_call() -> None:
    """Answered, refused or given up: nobody watches for the full timeout."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    tasks = [send(rpc, 3600) for _ in range(3)]
    await tick()
    assert repr(rpc._alarms).startswith("<Alarms 3 ")
    broker.answer(broker.published[0])
    broker.published[1].on_outcome(Fault("no_route"))
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert repr(rpc._alarms).startswith("<Alarms 0 ")


async def test_an_answer_to_a_call_that_timed_out_is_late() -> None:
    """It is counted as late, and told, by that name."""
    heard: list[str] = []
    broker = ScriptedBroker()
    rpc = Rpc(broker, on_stray=heard.append)
    await send(rpc, 0.001)
    broker.answer(broker.published[0])
    assert (rpc.late, rpc.duplicate, rpc.orphan, heard) == (1, 0, 0, ["late"])


async def test_an_answer_to_a_call_that_was_cancelled_is_late() -> None:
    """Even in the very tick of the cancellation."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    task = send(rpc)
    await tick()
    task.cancel()
    broker.answer(broker.published[0])
    with pytest.raises(asyncio.CancelledError):
        await task
    broker.answer(broker.published[0])
    assert (rpc.late, rpc.pending) == (2, 0)


async def test_a_second_answer_is_a_duplicate() -> None:
    """The first one counts, and the second is counted, even in the same tick."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    task = send(rpc)
    await tick()
    broker.answer(broker.published[0], body=b"first")
    broker.answer(broker.published[0], body=b"second")
    assert (await task).body == b"first"
    broker.answer(broker.published[0])
    assert (rpc.late, rpc.duplicate, rpc.orphan) == (0, 2, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda own: own + "0",
        lambda own: own.replace("-", "-0"),
        lambda own: own.replace("-", "-+"),
        lambda own: own.replace("-", "--"),
        lambda own: own.rpartition("-")[0] + "-2",
        lambda own: own.rpartition("-")[2],
        lambda _: "somebody-1",
        lambda own: own.upper() + " ",
        lambda _: "f" * 10_000,
    ],
)
async def test_an_answer_to_nobody_is_an_orphan(change: object) -> None:
    """Any id that this process did not give is an orphan, however much it looks like one."""
    assert callable(change)
    broker = answering_broker()
    rpc = Rpc(broker)
    await send(rpc)
    broker.deliver(change(broker.published[0].message.correlation_id))
    assert (rpc.late, rpc.duplicate, rpc.orphan) == (0, 0, 1)


async def test_what_is_remembered_of_ended_calls_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer to a call of long ago is late, since nobody knows any more how it ended."""
    monkeypatch.setattr("ingress.rpc._REMEMBERED", 4)
    broker = answering_broker()
    rpc = Rpc(broker)
    for _ in range(5):
        await send(rpc)
    broker.answer(broker.published[0])
    broker.answer(broker.published[1])
    assert (rpc.late, rpc.duplicate) == (1, 1)


async def test_when_the_broker_is_lost_no_call_hangs() -> None:
    """All that wait are answered at once; whether they ran is not known."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    tasks = [send(rpc, 3600) for _ in range(50)]
    await tick()
    broker.go(State.DOWN)
    replies = await asyncio.gather(*tasks)
    assert {repr(reply.fault) for reply in replies} == {
        "<Fault broker_down 503 broker may have run>"
    }
    assert rpc.pending == 0


async def test_a_blocked_broker_still_delivers_answers() -> None:
    """Blocked is not down: what was sent before is waited for."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    task = send(rpc)
    await tick()
    broker.go(State.BLOCKED, "replies.1")
    broker.answer(broker.published[0], body=b"well")
    assert (await task).body == b"well"


async def test_without_a_reply_queue_nothing_is_sent() -> None:
    """While the broker is down a call is refused at once, known not to have run."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    broker.go(State.DOWN)
    reply = await send(rpc)
    assert repr(reply.fault) == "<Fault broker_down 503 broker not run>"
    assert broker.published == []


async def test_after_a_reconnect_answers_go_to_the_new_queue() -> None:
    """Each message carries the name that the reply queue has then."""
    broker = answering_broker()
    rpc = Rpc(broker)
    await send(rpc)
    broker.go(State.DOWN)
    broker.go(State.UP, "replies.2")
    await send(rpc)
    assert [p.message.reply_to for p in broker.published] == ["replies.1", "replies.2"]


class Mute(PlainDialect):
    """Cannot put a call into a message."""

    def request(
        self, call: Call, *, correlation_id: str, reply_to: str, expiration_ms: int
    ) -> Message:
        raise Fault("too_large")


class Deaf(PlainDialect):
    """Breaks the rule that a dialect never raises on an answer."""

    def reply(self, message: Message) -> Reply:
        raise ZeroDivisionError


async def test_a_call_that_has_no_message_leaves_nothing_behind() -> None:
    """What the dialect raises reaches the caller, and nothing was sent."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    with pytest.raises(Fault, match="too_large"):
        await rpc.send(Target(operation="a.b", dialect=Mute(), routing_key="a"), CALL, 1)
    assert (rpc.pending, broker.published) == (0, [])


async def test_a_dialect_that_crashes_hurts_its_own_call_alone() -> None:
    """The exception comes out where the call was made, not in the broker's callback."""
    broker = answering_broker()
    rpc = Rpc(broker)
    with pytest.raises(ZeroDivisionError):
        await rpc.send(Target(operation="a.b", dialect=Deaf(), routing_key="a"), CALL, 1)
    assert rpc.pending == 0


@pytest.fixture
async def memory() -> AsyncIterator[MemoryBroker]:
    broker = MemoryBroker(MemoryHub())
    yield broker
    await broker.close()


async def test_a_call_goes_to_a_worker_and_back(memory: MemoryBroker) -> None:
    """Over the embedded broker, in the native dialect, a worker that echoes is heard."""
    dialect = Native()
    rpc = Rpc(memory)
    memory.start()
    await memory.ready(5)
    await memory.declare(Queue(name="orders"))

    def work(delivery: Delivery) -> None:
        asked = delivery.message
        echo = dialect.answer(Reply(body=dialect.call(asked).body), asked)
        delivery.publish(echo, asked.reply_to)
        delivery.ack()

    await memory.consume("orders", work, prefetch=1)
    target = Target(operation="orders.get", dialect=dialect, routing_key="orders")
    assert (await rpc.send(target, CALL, 5)).body == b"question"


async def test_a_queue_that_is_not_there_is_no_route(memory: MemoryBroker) -> None:
    """Over the embedded broker, a missing queue answers at once."""
    rpc = Rpc(memory)
    memory.start()
    await memory.ready(5)
    reply = await rpc.send(TARGET, CALL, 3600)
    assert reply.fault
    assert reply.fault.code == "no_route"


async def test_the_loss_of_the_embedded_broker_is_heard(memory: MemoryBroker) -> None:
    """Closing the broker ends the calls that wait on it."""
    rpc = Rpc(memory)
    memory.start()
    await memory.ready(5)
    await memory.declare(Queue(name="orders"))
    task = send(rpc, 3600)
    await eventually(lambda: rpc.pending == 1)
    await memory.close()
    reply = await asyncio.wait_for(task, 1)
    assert reply.fault
    assert reply.fault.code == "broker_down"
