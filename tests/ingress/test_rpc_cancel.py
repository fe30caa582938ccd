"""Which calls the gateway cancels, and how the answers to that are counted."""

import asyncio

import msgspec
import pytest

from contracts.brokers.port import Message, State
from contracts.cancel import Cancel, read
from contracts.fault import Fault
from ingress.rpc import Rpc
from tests.ingress.scripted import TARGET, ScriptedBroker
from tests.ingress.test_rpc import CALL, send, tick


async def test_a_client_that_leaves_cancels_its_call() -> None:
    """All workers of the service hear which attempt nobody waits for, once."""
    broker = ScriptedBroker()
    task = send(Rpc(broker))
    await tick()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ((key, message),) = broker.cancels
    assert key == "queuegate.cancel.orders"
    assert read(message) == Cancel(broker.published[0].message.correlation_id, CALL.deadline)


async def test_a_call_that_is_given_up_is_cancelled() -> None:
    """At the timeout of an attempt its worker need not go on either."""
    broker = ScriptedBroker()
    await send(Rpc(broker), 0.01)
    assert len(broker.cancels) == 1


@pytest.mark.parametrize("code", ["no_route", "busy", "broker_down"])
async def test_what_no_worker_got_is_not_cancelled(code: str) -> None:
    """A message that the broker did not take is nobody's."""
    broker = ScriptedBroker(lambda published: published.on_outcome(Fault(code)))
    await send(Rpc(broker))
    refusing = ScriptedBroker()
    refusing.refusal = Fault(code)
    await send(Rpc(refusing))
    assert (broker.cancels, refusing.cancels) == ([], [])


async def test_what_was_answered_is_not_cancelled() -> None:
    """A client that leaves with its answer on the way costs nothing."""
    broker = ScriptedBroker()
    task = send(Rpc(broker))
    await tick()
    broker.answer(broker.published[0])
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert broker.cancels == []


async def test_a_lost_broker_is_not_told() -> None:
    """There is nobody to tell, and that is no error of the call."""
    broker = ScriptedBroker()
    task = send(Rpc(broker))
    await tick()
    broker.refusal = Fault("broker_blocked")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    broker.refusal = None
    task = send(Rpc(broker))
    await tick()
    broker.go(State.DOWN)
    await task
    assert broker.cancels == []


async def test_a_workers_word_that_it_gave_up_is_no_late_answer() -> None:
    """It is counted by itself, so that late answers still mean slow workers."""
    broker, heard = ScriptedBroker(), list[str]()
    rpc = Rpc(broker, on_stray=heard.append)
    await send(rpc, 0.01)
    asked = broker.published[0].message
    broker.hand_over(
        Message(
            correlation_id=asked.correlation_id, type="err", headers={"x-error-code": "cancelled"}
        )
    )
    assert (heard, rpc.cancelled, rpc.late) == (["cancelled"], 1, 0)


async def test_calls_for_a_deserted_queue_end_where_they_ask_so() -> None:
    """Those of routes that require a worker; others go on waiting for one to come."""
    broker = ScriptedBroker()
    rpc = Rpc(broker)
    strict = msgspec.structs.replace(TARGET, require_worker=True)
    patient, asking = send(rpc), send(rpc, target=strict)
    await tick()
    rpc.deserted("another")
    rpc.deserted("orders")
    fault = (await asking).fault
    assert repr(fault).startswith("<Fault no_worker 503 broker may have run")
    assert not patient.done()
    broker.answer(broker.published[0])
    assert (await patient).fault is None
