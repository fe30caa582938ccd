"""What is promised while RabbitMQ does not let us do what we need."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest

from tests.acceptance.stage import GatewayProcess
from tests.faults.theatre import ONE_WAY, RECOVERY, Theatre
from tests.harness import http
from tests.harness.waiting import eventually

GRACE = 0.5
NAME, PASSWORD = "limited", "secret"
EVERYTHING = {"configure": ".*", "write": ".*", "read": ".*"}
pytestmark = ONE_WAY


async def _grant(theatre: Theatre, **rights: str) -> None:
    path = f"/permissions/{quote(theatre.vhost, safe='')}/{NAME}"
    await asyncio.to_thread(theatre.broker.management.call, "PUT", path, {**EVERYTHING, **rights})


@asynccontextmanager
async def limited(theatre: Theatre, **rights: str) -> AsyncIterator[GatewayProcess]:
    """Have a second gateway whose user has these rights, and all that are not named."""
    user = {"password": PASSWORD, "tags": ""}
    call = theatre.broker.management.call
    await asyncio.to_thread(call, "PUT", f"/users/{NAME}", user)
    await _grant(theatre, **rights)
    gateway = theatre.stage.add_gateway(
        theatre.stage.url.replace("guest:guest", f"{NAME}:{PASSWORD}")
    )
    try:
        gateway.start()
        yield gateway
    finally:
        theatre.stage.gateways.remove(gateway)
        assert gateway.process is not None
        gateway.process.kill()
        await asyncio.to_thread(call, "DELETE", f"/users/{NAME}")


async def _answers(gateway: GatewayProcess, path: str = "/once") -> tuple[int, str]:
    try:
        answer = await http.ask(gateway.port, "POST", path)
    except OSError:
        return 0, ""
    return answer.status, answer.code


@pytest.mark.parametrize("right", ["configure", "read"])
async def test_no_right_to_a_reply_queue(theatre: Theatre, right: str) -> None:
    """Without its reply queue a gateway is not ready, says why, and heals with the right."""
    async with limited(theatre, **{right: "^$"}) as gateway:
        await eventually(lambda: _is(gateway, 503, "broker_down"), within=20)
        assert not await gateway.is_ready()
        await eventually(lambda: "access to queue" in theatre.stage.said())
        assert PASSWORD not in theatre.stage.said()
        await _grant(theatre)
        await eventually(lambda: _is(gateway, 200), within=RECOVERY + GRACE)


async def test_no_right_to_publish(theatre: Theatre) -> None:
    """Calls are refused at once, the log says why, and the gateway heals with the right."""
    async with limited(theatre, write="^$") as gateway:
        await eventually(lambda: _is(gateway, 503, "broker_down"), within=20)
        await eventually(lambda: "access to exchange" in theatre.stage.said())
        async with asyncio.timeout(1):
            assert (await _answers(gateway))[0] == 503
        await _grant(theatre)
        await eventually(lambda: _is(gateway, 200), within=RECOVERY + GRACE)


async def test_no_right_to_one_exchange(theatre: Theatre) -> None:
    """Only its route is refused: others, in flight at that moment too, go on."""
    call, vhost = theatre.broker.management.call, quote(theatre.vhost, safe="")
    kind = {"type": "direct", "durable": True}
    binding = {"routing_key": "crew.once"}
    await asyncio.to_thread(call, "PUT", f"/exchanges/{vhost}/bus", kind)
    await asyncio.to_thread(call, "POST", f"/bindings/{vhost}/e/bus/q/crew", binding)
    async with limited(theatre, write="^amq.default$") as gateway:
        await eventually(lambda: _is(gateway, 200), within=20)
        flying = asyncio.create_task(_answers(gateway, "/once?ms=800"))
        for _ in range(5):
            assert await _answers(gateway, "/bus") == (503, "no_route")
        assert await flying == (200, "")
        await _grant(theatre)
        assert await _answers(gateway, "/bus") == (200, "")
    await asyncio.to_thread(call, "DELETE", f"/exchanges/{vhost}/bus")


async def test_a_wrong_password(theatre: Theatre) -> None:
    """A gateway that may not log in is not ready, and tells the reason without the password."""
    begin = len(theatre.stage.said())
    gateway = theatre.stage.add_gateway(
        theatre.stage.url.replace("guest:guest", f"guest:{PASSWORD}")
    )
    try:
        gateway.start()
        await eventually(lambda: _is(gateway, 503, "broker_down"), within=20)
        await eventually(lambda: "ACCESS_REFUSED" in theatre.stage.said()[begin:])
        assert PASSWORD not in theatre.stage.said()
    finally:
        theatre.stage.gateways.remove(gateway)
        assert gateway.process is not None
        gateway.process.kill()


async def test_a_vhost_that_was_never_there(theatre: Theatre) -> None:
    """A gateway waits for its vhost, says that it is missing, and serves when it is made."""
    name = f"{theatre.vhost}-later"
    gateway = theatre.stage.add_gateway(theatre.stage.url.replace(theatre.vhost, name))
    try:
        gateway.start()
        await eventually(lambda: _is(gateway, 503, "broker_down"), within=20)
        await eventually(lambda: f"vhost {name} not found" in theatre.stage.said())
        await asyncio.to_thread(theatre.broker.create_vhost, name)
        # There is nobody on its queue: what is promised is the broker.
        await eventually(lambda: _is(gateway, 503, "no_route"), within=RECOVERY + GRACE)
        assert await gateway.is_ready()
    finally:
        theatre.stage.gateways.remove(gateway)
        assert gateway.process is not None
        gateway.process.kill()
        await asyncio.to_thread(theatre.broker.delete_vhost, name)


async def _is(gateway: GatewayProcess, status: int, code: str = "") -> bool:
    return await _answers(gateway) == (status, code)
