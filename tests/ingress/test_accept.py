"""Accepted calls: a success is told only when the broker keeps the message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Queue, QueueStats
from contracts.call import Call, Reply
from contracts.deadline import after
from contracts.dialects.native import Native
from contracts.fault import Fault
from ingress.accept import Acceptor
from ingress.dispatch import Dispatch
from ingress.plan import Target
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import eventually
from tests.ingress.scripted import (
    OK,
    QUICK,
    TARGET,
    Published,
    ScriptedBroker,
    ScriptedSender,
    flow,
    plan,
)

NATIVE = Target(operation="jobs.run", dialect=Native(), routing_key="jobs")


def call() -> Call:
    return Call(id="r-1", operation="jobs.run", body=b"work", deadline=after(1))


@pytest.fixture(params=["memory", "rabbitmq"])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    """A broker of each kind, with nothing on it."""
    url = "memory://" if request.param == "memory" else request.getfixturevalue("vhost_url")
    client = open_broker(url, name="accept", hub=MemoryHub())
    client.start()
    await client.ready(10)
    yield client
    await client.close()


async def test_a_call_that_the_broker_keeps_is_answered_202(broker: Broker) -> None:
    """The body says the request id, and the message waits for a worker without a time limit."""
    await broker.declare(Queue(name="jobs"))
    reply = await Acceptor(broker).send(NATIVE, call(), 5)
    assert (reply.status, reply.fault) == (202, None)
    assert json.loads(reply.body) == {"status": "accepted", "request_id": "r-1"}
    pull = await broker.pull("jobs")
    kept = await pull.take()
    assert kept is not None
    assert (kept.message.persistent, kept.message.reply_to) == (True, "")
    assert kept.message.expiration_ms is None
    assert NATIVE.dialect.call(kept.message).deadline == 0  # type: ignore[attr-defined]
    await pull.close()


async def test_a_call_without_a_queue_is_not_accepted(broker: Broker) -> None:
    """What no queue takes is 503 ``no_route``, and did not run."""
    reply = await Acceptor(broker).send(NATIVE, call(), 5)
    assert repr(reply.fault).startswith("<Fault no_route 503 broker not run")


async def test_a_full_queue_accepts_nothing(broker: Broker) -> None:
    """What a bounded queue refuses is 503 ``busy``, and did not run."""
    await broker.declare(Queue(name="jobs", max_length=1))
    acceptor = Acceptor(broker)
    assert (await acceptor.send(NATIVE, call(), 5)).status == 202
    refused = await acceptor.send(NATIVE, call(), 5)
    assert repr(refused.fault).startswith("<Fault busy 503 worker not run")


@pytest.mark.parametrize("code", ["broker_down", "broker_blocked"])
async def test_a_broker_that_takes_nothing_accepts_nothing(code: str) -> None:
    """Down or blocked, it is told at once, and nothing was sent."""
    broker = ScriptedBroker()
    broker.refusal = Fault(code)
    reply = await Acceptor(broker).send(TARGET, call(), 5)
    assert (reply.fault and reply.fault.code, reply.fault and reply.fault.not_run) == (code, True)


async def test_no_word_in_time_is_no_success() -> None:
    """Without a confirm in time it is 503, and says that it may have been accepted."""
    reply = await Acceptor(ScriptedBroker()).send(TARGET, call(), 0.05)
    assert repr(reply.fault).startswith("<Fault broker_blocked 503 broker may have run")


async def test_a_connection_lost_before_the_confirm_is_no_success() -> None:
    """The message may have got through, and nobody knows: so it is not said that it has."""

    def lose(published: Published) -> None:
        published.on_outcome(Fault("broker_down", not_run=False))

    reply = await Acceptor(ScriptedBroker(lose)).send(TARGET, call(), 5)
    assert repr(reply.fault).startswith("<Fault broker_down 503 broker may have run")


async def test_a_client_that_leaves_is_not_waited_for() -> None:
    """Its confirm, when it comes, finds nobody, and that is no error."""
    broker = ScriptedBroker()
    sending = asyncio.ensure_future(Acceptor(broker).send(TARGET, call(), 5))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    broker.published[0].on_outcome(None)


async def test_it_goes_to_an_exchange_as_well() -> None:
    """Where the route names one, with its key."""
    broker = ScriptedBroker(lambda published: published.on_outcome(None))
    target = Target(operation="a.b", dialect=Native(), routing_key="key", exchange="bus")
    assert (await Acceptor(broker).send(target, call(), 5)).status == 202
    assert (broker.published[0].exchange, broker.published[0].routing_key) == ("bus", "key")


@pytest.mark.parametrize("quorum", [False, True])
async def test_what_was_accepted_outlives_the_broker(
    rabbitmq: PrivateRabbitMQ, vhost_url: str, *, quorum: bool
) -> None:
    """After kill -9 of RabbitMQ every call that was answered 202 is still in its queue."""
    client = open_broker(vhost_url, name="accept")
    client.start()
    await client.ready(10)
    await client.declare(Queue(name="jobs", quorum=quorum))
    acceptor = Acceptor(client)
    replies = await asyncio.gather(*(acceptor.send(NATIVE, call(), 10) for _ in range(200)))
    assert {reply.status for reply in replies} == {202}
    await asyncio.to_thread(rabbitmq.kill)
    await asyncio.to_thread(rabbitmq.restart)
    await client.ready(20)

    async def all_there() -> bool:
        with suppress(Fault):  # a quorum queue has no leader yet
            return await client.stats("jobs") == QueueStats(messages=200, consumers=0)
        return False

    await eventually(all_there, within=20)
    await client.close()


def test_its_repr_says_where_it_hands_over() -> None:
    """For logs and for people in a debugger."""
    shown = repr(Acceptor(MemoryBroker(MemoryHub())))
    assert shown == "<Acceptor <MemoryBroker queuegate down>>"


async def test_a_route_that_only_accepts_has_a_sender_of_its_own() -> None:
    """Its calls go to the acceptor, under the same retries, and no other's do."""
    rpc, acceptor = ScriptedSender(OK), ScriptedSender("busy", Reply(status=202))
    dispatch = Dispatch(rpc, acceptor=acceptor)
    assert (await dispatch(flow(plan(accept=True, retry=QUICK)))).status == 202
    assert (await dispatch(flow())).status == 200
    assert (len(acceptor.calls), len(rpc.calls)) == (2, 1)


async def test_what_may_have_been_accepted_is_not_sent_twice() -> None:
    """An unknown outcome is tried again only where running twice is safe."""
    unknown = Fault("broker_blocked", not_run=False)
    acceptor = ScriptedSender(unknown, Reply(status=202))
    once = plan(accept=True, retry=QUICK)
    reply = await Dispatch(acceptor)(flow(once))
    assert reply.fault is unknown
    acceptor = ScriptedSender(unknown, Reply(status=202))
    twice = plan(accept=True, retry=QUICK, idempotent=True)
    assert (await Dispatch(acceptor)(flow(twice))).status == 202
