"""Calls without confirms: to queues that take everything, as their workers say."""

from msgspec.structs import replace

from contracts.brokers.port import Message, State
from contracts.call import Call, Reply
from contracts.dialects.faults import TAKES_ALL, TAKES_BUNDLES, WORKER_TIME
from contracts.fault import Fault
from ingress.rpc import Rpc
from tests.ingress.scripted import TARGET, Published, ScriptedBroker


async def send(rpc: Rpc, timeout: float = 5.0) -> Reply:  # noqa: ASYNC109 - the port's own
    """Make one call."""
    return await rpc.send(TARGET, Call(id="1", operation="a.b"), timeout)


async def test_a_queue_that_takes_everything_is_asked_without_confirms() -> None:
    """Once its worker said so; until then, and for others, the broker's word is wanted."""
    broker = ScriptedBroker()
    broker.script = lambda published: broker.hand_over(
        Message(correlation_id=published.message.correlation_id, headers={TAKES_ALL: 1})
    )
    rpc = Rpc(broker)
    await send(rpc)
    assert broker.asked == 0
    await send(rpc)
    assert broker.asked == 1
    broker.go(State.DOWN)
    broker.go(State.UP, "replies.2")
    await send(rpc)
    assert broker.asked == 1


async def test_a_question_that_nobody_takes_ends_its_call() -> None:
    """The fault comes by the correlation id; one that nobody waits for is nothing."""
    broker = ScriptedBroker()
    broker.script = lambda published: broker.hand_over(
        Message(correlation_id=published.message.correlation_id, headers={TAKES_ALL: 1})
    )
    rpc = Rpc(broker)
    await send(rpc)
    broker.script = lambda published: published.on_outcome(Fault("no_route"))
    reply = await send(rpc, 3600)
    assert reply.fault
    assert reply.fault.code == "no_route"
    assert broker.asked == 1
    assert broker.on_refused
    broker.on_refused("nobody's", Fault("no_route"))
    assert rpc.pending == 0


async def test_a_queue_is_doubted_after_a_timeout() -> None:
    """What was not confirmed may never have been taken, so the next ones are confirmed again."""
    broker = ScriptedBroker()
    silent = False

    def script(published: Published) -> None:
        if not silent:
            answered = Message(
                correlation_id=published.message.correlation_id, headers={TAKES_ALL: 1}
            )
            broker.hand_over(answered)

    broker.script = script
    rpc = Rpc(broker)
    await send(rpc)
    silent = True
    assert repr((await send(rpc, 0.01)).fault).startswith("<Fault deadline")
    silent = False
    for _ in range(3):
        await send(rpc)
    assert broker.asked == 1


async def test_fast_operations_are_asked_many_at_a_time() -> None:
    """As many as the answers allow may leave together; to an exchange nothing does."""
    broker = ScriptedBroker()
    said = {TAKES_ALL: 1, TAKES_BUNDLES: 6, WORKER_TIME: 5}
    broker.script = lambda published: broker.hand_over(
        Message(correlation_id=published.message.correlation_id, headers=said)
    )
    rpc = Rpc(broker)
    for _ in range(100):
        await send(rpc)
    assert (broker.lots[0], broker.lots[-1]) == (1, 6)
    elsewhere = replace(TARGET, exchange="ex")
    await rpc.send(elsewhere, Call(id="1", operation="a.b"), 5)
    assert broker.asked == 99
