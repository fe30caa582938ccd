"""Messages that die, seen from outside: real workers, a real RabbitMQ, real kills."""

import asyncio
from pathlib import Path

import pytest

from contracts.brokers.confirmed import publish_confirmed
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Message, Queue
from contracts.call import Call
from contracts.dead_letter import Letter, read
from contracts.dialects import dialect
from tests.conftest import Queuegate
from tests.harness.processes import ROOT
from tests.harness.waiting import eventually

SHOP = """\
import os
from pathlib import Path
from queuegate import Context, Service

shop = Service("shop", delivery_limit=3, concurrency=1)
begun, mended = Path("begun"), Path("mended")


@shop.operation
async def add(ctx: Context, item: dict) -> None:
    with begun.open("a") as file:
        file.write(f"{ctx.request_id} {ctx.redelivered}\\n")
    if mended.exists():
        return
    if item.get("kill"):
        os.kill(os.getpid(), 9)
    raise RuntimeError("the database is away")
"""


async def send(broker: Broker, name: str, body: bytes) -> None:
    """Send a call that wants no reply."""
    call = Call(
        id=name,
        operation="shop.add",
        headers=(("content-type", "application/json"),),
        body=body,
    )
    message = dialect("queuegate").request(
        call, correlation_id=name, reply_to="", expiration_ms=60_000
    )
    await publish_confirmed(broker, message, routing_key="shop")


async def letters(broker: Broker) -> list[Letter]:
    """Look at the dead letters."""
    found: list[Letter] = []
    if await broker.stats("shop.dead") is None:
        return found
    pull = await broker.pull("shop.dead")
    while delivery := await pull.take():
        found.append(read(delivery.message))
    await pull.close()
    return found


@pytest.mark.parametrize("quorum", [False, True], ids=["classic", "quorum"])
async def test_dead_letters_from_the_first_death_to_the_second_life(
    vhost_url: str, queuegate: Queuegate, tmp_path: Path, *, quorum: bool
) -> None:
    """A killer, a failure and garbage end as letters with their reasons, and live again."""
    (tmp_path / "shop.py").write_text(SHOP)
    env = {"BROKER_URL": vhost_url, "PYTHONPATH": str(ROOT)}
    broker = open_broker(vhost_url, name="test")
    broker.start()
    await broker.ready(10)
    await broker.declare(Queue(name="shop", quorum=quorum))
    await publish_confirmed(broker, Message(body=b"\xc1", message_id="garbage"), routing_key="shop")
    await send(broker, "failure", b"{}")
    await send(broker, "killer", b'{"kill": true}')
    worker = queuegate("worker", "shop:shop", "--processes", "2", env=env)

    async def all_dead() -> bool:
        return {one.id for one in await letters(broker)} >= {"garbage", "failure", "killer"}

    await eventually(all_dead, 40, "all three are dead letters")
    reasons = {one.id: one.last.reason for one in await letters(broker)}
    assert reasons == {
        "garbage": "invalid_request",
        "failure": "worker_error",
        "killer": "delivery_limit",
    }
    begun = (tmp_path / "begun").read_text().splitlines()
    assert begun.count("killer False") == 1
    assert begun.count("killer True") == 2
    (tmp_path / "mended").touch()
    code = await asyncio.to_thread(queuegate("dlq", "requeue", "shop", "--all", env=env).wait)
    assert code == 0

    async def alive() -> bool:
        again = (tmp_path / "begun").read_text().splitlines()[len(begun) :]
        return {line.split()[0] for line in again} == {"failure", "killer"}

    await eventually(alive, 20, "both are run again")

    async def garbage_alone() -> bool:
        return [(one.id, one.count) for one in await letters(broker)] == [("garbage", 2)]

    await eventually(garbage_alone, 20, "what makes no call is dead once more")
    (garbage,) = await letters(broker)
    assert (garbage.requeued, len(garbage.deaths)) == (1, 2)
    worker.kill()
    await broker.close()


async def test_what_a_policy_of_rabbitmq_moved_can_be_sent_again(
    vhost_url: str, queuegate: Queuegate, tmp_path: Path
) -> None:
    """A letter that RabbitMQ itself made has its story from x-death, and goes where it was."""
    broker = open_broker(vhost_url, name="test")
    broker.start()
    await broker.ready(10)
    await broker.declare(Queue(name="shop.dead"))
    await broker.declare(Queue(name="shop", dead_letter="shop.dead"))
    late = Message(body=b"late", message_id="late", expiration_ms=1, reply_to="gone")
    await publish_confirmed(broker, late, routing_key="shop")
    await eventually(lambda: letters(broker))
    (letter,) = await letters(broker)
    assert (letter.last.reason, letter.last.queue, letter.count) == ("expired", "shop", 1)
    assert letter.last.at > 1_700_000_000_000
    env = {"BROKER_URL": vhost_url, "PYTHONPATH": str(ROOT)}
    child = queuegate("dlq", "requeue", "shop", "--reason", "expired", env=env)
    assert await asyncio.to_thread(child.wait) == 0
    pull = await broker.pull("shop")
    delivery = await pull.take()
    assert delivery is not None
    again = read(delivery.message)
    assert (again.message.reply_to, again.requeued, again.last.reason) == ("", 1, "expired")
    assert again.message.headers["x-death"][0]["reason"] == "expired"
    await pull.close()
    await broker.close()
