import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiormq
import pytest

from contracts.brokers.port import Delivery, Message, Queue, State
from contracts.brokers.rabbitmq import link
from contracts.fault import Fault
from tests.contracts.brokers.contract import BrokerContract
from tests.contracts.brokers.kit import Inbox, Outcomes, States, consuming, put, ready_messages, up
from tests.contracts.brokers.rabbitmq.kit import RabbitKit
from tests.harness.waiting import eventually


class TestRabbitMQ(BrokerContract):
    """The contract on a real RabbitMQ."""


async def test_a_forced_close_heals(kit: RabbitKit) -> None:
    """Connections that an operator closes are back within 2 s, and the reason is told."""
    client, states, inbox = await up(kit), States(), Inbox(ack=True)
    await consuming(client, "q", inbox)
    client.watch(states)
    await asyncio.to_thread(kit.node.close_connections, kit.vhost)
    await eventually(lambda: states.states == [State.DOWN, State.UP], 2)
    assert "CONNECTION_FORCED" in states.heard[0][1]
    await put(client, "q", b"1")
    await inbox.wait()


async def test_many_refusals_at_once_end_nothing(kit: RabbitKit) -> None:
    """Who asks for many queues that are not there keeps the connection."""
    client, states = await up(kit), States()
    client.watch(states)
    for _ in range(3):
        asked = [client.stats(f"missing-{number}") for number in range(64)]
        assert await asyncio.gather(*asked) == [None] * 64
    assert states.states == []


async def test_a_missing_vhost_heals(kit: RabbitKit) -> None:
    """A client of a vhost that is not there says so, and connects once it is made."""
    vhost = f"{kit.vhost}-late"
    client = kit.at(kit.node.url(vhost))
    client.start()
    with pytest.raises(Fault, match=f"vhost {vhost} not found"):
        await client.ready(0.5)
    kit.node.create_vhost(vhost)
    try:
        await client.ready(5)
    finally:
        await client.close()
        kit.node.delete_vhost(vhost)


async def test_a_wrong_password_is_told_and_not_shown(kit: RabbitKit) -> None:
    """A refused login leaves the client down with the reason, and shows no password."""
    client, states = kit.at(kit.url.replace(":guest@", ":s3cret@")), States()
    client.watch(states)
    client.start()
    with pytest.raises(Fault, match="ACCESS_REFUSED") as refusal:
        await client.ready(1)
    assert "s3cret" not in f"{refusal.value}{client!r}{states.heard}"


async def test_several_addresses_are_tried_in_turn(kit: RabbitKit) -> None:
    """With several addresses a dead node costs no pause."""
    client, states = kit.at(f"amqp://guest:guest@127.0.0.1:1/, {kit.url}"), States()
    client.watch(states)
    client.start()
    await client.ready(2)
    assert states.states == [State.DOWN, State.UP]
    assert "127.0.0.1:1/" in states.heard[0][1]


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"AMQP\0\0\1\0"])
async def test_what_is_no_amqp_broker(kit: RabbitKit, greeting: bytes) -> None:
    """An address where something else listens leaves the client down, with a reason."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client, states = kit.at(f"amqp://127.0.0.1:{port}/"), States()
        client.watch(states)
        client.start()
        await eventually(lambda: states.heard, 3)
        await client.close()
    assert states.heard[0][1]


async def test_silence_has_a_limit(kit: RabbitKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that takes the connection and says nothing is given up and tried again."""
    monkeypatch.setattr(link, "CONNECT", 0.2)
    silent: list[asyncio.StreamWriter] = []

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.append(writer)

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = kit.at(f"amqp://127.0.0.1:{port}/")
        client.start()
        await eventually(lambda: len(silent) >= 4, 5)
        await client.close()
        for writer in silent:
            writer.close()


async def test_foreign_messages_can_be_settled(kit: RabbitKit) -> None:
    """Whatever another AMQP client puts into headers and properties, a delivery comes of it."""
    client, inbox = await up(kit), Inbox(ack=True)
    await consuming(client, "q", inbox)
    foreign = await aiormq.connect(kit.url)
    channel = await foreign.channel()
    headers: dict[str, Any] = {
        "date": datetime(2026, 1, 2, tzinfo=UTC),
        "decimal": Decimal("1.5"),
        "bytes": bytearray(b"\xff\xfe"),
        "nested": {"list": [1, "two", None, 1.5]},
    }
    strange = aiormq.spec.Basic.Properties(
        headers=headers, expiration="60000", user_id="guest", message_type="strange"
    )
    await channel.basic_publish(b"1", routing_key="q", properties=strange)
    await channel.basic_publish(b"2", routing_key="q")
    await foreign.close()
    first, _ = await inbox.wait(2)
    assert inbox.bodies == [b"1", b"2"]
    assert first.message.headers["nested"] == {"list": [1, "two", None, 1.5]}
    assert first.message.type == "strange"


async def test_an_exchange_that_takes_nothing_from_us(kit: RabbitKit) -> None:
    """A publish that RabbitMQ forbids is ``no_route``, and troubles no other publisher."""
    client, outcomes, states = await up(kit), Outcomes(), States()
    client.watch(states)
    foreign = await aiormq.connect(kit.url)
    channel = await foreign.channel()
    # Nobody may publish to an internal one: the same refusal as that of a missing right.
    await channel.exchange_declare("inner", exchange_type="direct", internal=True)
    await client.declare(Queue(name="q"))
    for number in range(10):
        client.publish(Message(), routing_key="q", exchange="inner", on_outcome=outcomes)
        await outcomes.wait(number + 1)
        assert outcomes.heard[-1] is not None
        assert "ACCESS_REFUSED" in outcomes.heard[-1].detail
    await put(client, "q", b"fine")
    assert outcomes.codes == ["no_route"] * 10
    assert not states.heard
    await channel.exchange_delete("inner")
    await foreign.close()


async def test_named_exchanges(kit: RabbitKit) -> None:
    """A message to an exchange goes where its bindings say; one that none fits is ``no_route``."""
    client, inbox, outcomes = await up(kit), Inbox(ack=True), Outcomes()
    await consuming(client, "q", inbox)
    foreign = await aiormq.connect(kit.url)
    channel = await foreign.channel()
    await channel.queue_bind("q", "amq.topic", "orders.*")
    for key in ("orders.create", "billing.create", "orders.get"):
        client.publish(
            Message(body=key.encode()),
            routing_key=key,
            exchange="amq.topic",
            on_outcome=outcomes,
        )
    await outcomes.wait(3)
    await inbox.wait(2)
    await foreign.close()
    assert sorted(outcomes.codes) == ["", "", "no_route"]
    assert inbox.bodies == [b"orders.create", b"orders.get"]


async def test_operators_see_who_is_connected(kit: RabbitKit) -> None:
    """Each client has two connections, and their names say whose and what for."""
    client = await up(kit, "gateway-1")

    def names() -> set[str]:
        listed = kit.node.management.call("GET", f"/vhosts/{kit.vhost}/connections")
        return {one.get("client_properties", {}).get("connection_name", "") for one in listed}

    expected = {"gateway-1 publish", "gateway-1 consume"}
    await eventually(lambda: asyncio.to_thread(lambda: names() == expected), 10)
    assert client.state is State.UP


async def test_a_busy_connection_lives(kit: RabbitKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is never idle is not taken for dead because no heartbeat comes."""
    # aiormq gives up after (1 + 1) * 1 s without a frame, seen once a second.
    monkeypatch.setattr(aiormq.Connection, "HEARTBEAT_GRACE_MULTIPLIER", 1)
    client, states = kit.at(f"{kit.url}?heartbeat=1"), States()
    client.start()
    await client.ready(5)
    client.watch(states)
    over = asyncio.get_running_loop().time() + 4.5

    def again(delivery: Delivery) -> None:
        if asyncio.get_running_loop().time() < over:
            delivery.publish(Message(), "q")
        else:
            done.set()
        delivery.ack()

    done = asyncio.Event()
    await consuming(client, "q", again)
    client.publish(Message(), routing_key="q")
    await asyncio.wait_for(done.wait(), 10)
    assert not states.heard


async def test_an_idle_connection_lives(kit: RabbitKit) -> None:
    """A connection on which nothing happens lives by its heartbeats."""
    client, states = kit.at(f"{kit.url}?heartbeat=1"), States()
    client.start()
    await client.ready(5)
    client.watch(states)
    await consuming(client, "q", Inbox())
    await asyncio.sleep(4.5)
    assert not states.heard


async def test_a_frozen_broker_is_found_out(kit: RabbitKit) -> None:
    """A broker that stands still is down after two heartbeat intervals, and back up when thawed."""
    client, states, outcomes = kit.at(f"{kit.url}?heartbeat=1"), States(), Outcomes()
    client.start()
    await client.ready(5)
    await client.declare(Queue(name="q"))
    client.watch(states)
    clock = asyncio.get_running_loop().time
    kit.node.freeze()
    try:
        began = clock()
        client.publish(Message(), routing_key="q", on_outcome=outcomes)
        await eventually(lambda: states.heard, 10)
        took = clock() - began
    finally:
        kit.node.thaw()
    assert took < 4  # aiormq by itself: 6 s and more
    assert states.heard[0] == (State.DOWN, "no sign of life from the broker for 2 s")
    assert outcomes.codes == ["broker_down"]
    await client.ready(20)


async def test_a_worker_stops_when_nobody_reads_its_replies(kit: RabbitKit) -> None:
    """While replies pile up, no more deliveries are begun; when they leave, all are."""
    client, worker, begun = await up(kit), await up(kit), list[bytes]()
    await client.declare(Queue(name="q"))
    await client.declare(Queue(name="replies"))
    await put(client, "q", *[str(number).encode() for number in range(60)])

    def work(delivery: Delivery) -> None:
        begun.append(delivery.message.body)
        delivery.publish(Message(body=bytes(2**20)), "replies")
        delivery.ack()

    await kit.block()
    try:
        # The alarm is on when the broker blocks somebody, not when the order to raise it is over.
        client.publish(Message(), routing_key="elsewhere")
        await eventually(lambda: client.state is State.BLOCKED, 10)
        await worker.consume("q", work, prefetch=60)
        await eventually(lambda: len(begun) > 3)
        await asyncio.sleep(0.5)
        assert len(begun) < 50
    finally:
        await kit.unblock()
    await eventually(lambda: len(begun) == 60, 20)
    assert begun == [str(number).encode() for number in range(60)]

    async def all_there() -> bool:
        return await ready_messages(client, "replies") == 60

    await eventually(all_there, 20)
