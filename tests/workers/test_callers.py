"""Whose word on a caller a worker believes."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from contracts.call import Call, Caller, Reply
from contracts.callers.keys import read_keys
from contracts.callers.signer import Signer
from contracts.deadline import after
from contracts.dialects import dialect
from contracts.dialects.vouched import Vouched
from queuegate import Context, Service, ServiceError
from tests.contracts.callers.rings import PAIR, PUBLIC, SECRET, ring
from tests.harness.waiting import eventually
from tests.workers.desk import Desk, serving
from workers.callers import UNSIGNED, VARIABLE, CallerKeys, of_environment

(SECRET_KEY,) = read_keys(ring(SECRET))
(PRIVATE_KEY,) = read_keys(ring(PAIR))
ANN = Caller(id="ann", scopes=("read",), groups=("staff",))


def shop(callers: CallerKeys | None, speaks: str = "queuegate") -> Service:
    service = Service("shop", callers=callers, dialect=speaks)

    @service.operation
    async def who(ctx: Context) -> dict[str, object]:
        groups = ctx.statement.groups if ctx.statement else ()
        return {"id": ctx.caller.id, "verified": ctx.verified, "groups": groups}

    return service


def ask(desk: Desk, signer: Signer | None, *, reply: bool = True, body: bytes = b"") -> str:
    """Send a call as a gateway does, with another ``body`` beside it; give its correlation id."""
    plain = dialect(desk.service.dialect)
    call = Call(id="r-1", operation="shop.who", deadline=after(5.0), caller=ANN)
    message = (Vouched(plain, signer) if signer else plain).request(
        call, correlation_id="c", reply_to=desk.reply_to if reply else "", expiration_ms=5000
    )
    desk.send(replace(message, body=body) if body else message)
    return "c"


async def answered(service: Service, signer: Signer | None) -> Reply:
    async with serving(service) as (desk, _, _):
        return await desk.answer(ask(desk, signer))


@pytest.mark.parametrize("speaks", ["queuegate", "raw"])
@pytest.mark.parametrize("covers", ["call", "caller"])
async def test_an_operation_knows_who_asks_and_that_it_was_checked(
    speaks: str, covers: str
) -> None:
    """In the raw dialect too, whose calls say nothing of the caller."""
    signer = Signer(PRIVATE_KEY, covers=covers)  # type: ignore[arg-type]
    reply = await answered(shop(CallerKeys(ring(PUBLIC)), speaks), signer)
    assert reply.body == b'{"id":"ann","verified":true,"groups":["staff"]}'


@pytest.mark.parametrize("lane", ["on", "off"])
async def test_a_real_broker_hands_statements_on(vhost_url: str, lane: str) -> None:
    """Byte for byte, on both ways to it; and what others publish is refused there too."""
    url = f"{vhost_url}?lane={lane}"
    async with serving(shop(CallerKeys(ring(PUBLIC))), url) as (desk, runtime, _):
        for number, covers in enumerate(("call", "caller"), 1):
            signer = Signer(PRIVATE_KEY, covers=covers)  # type: ignore[arg-type]
            desk.replies.clear()
            reply = await desk.answer(ask(desk, signer))
            assert reply.body == b'{"id":"ann","verified":true,"groups":["staff"]}'
            assert runtime.stats.calls == number
        desk.replies.clear()
        forged = await desk.answer(ask(desk, None))
        assert forged.fault is not None
        assert (forged.fault.code, runtime.stats.unverified) == ("forbidden", 1)


async def test_without_keys_nothing_is_checked_and_the_operation_can_tell() -> None:
    """What it hears of the caller is then anybody's word."""
    reply = await answered(shop(UNSIGNED), None)
    assert reply.body == b'{"id":"ann","verified":false,"groups":[]}'


@pytest.mark.parametrize("signer", [None, Signer(SECRET_KEY)], ids=["unsigned", "stranger"])
async def test_a_call_that_proves_nothing_is_refused(
    signer: Signer | None, lines: list[dict[str, str]]
) -> None:
    """The operation does not run; the caller hears `forbidden`, the log why, and it is counted."""
    async with serving(shop(CallerKeys(ring(PUBLIC)))) as (desk, runtime, _):
        reply = await desk.answer(ask(desk, signer))
        assert reply.fault is not None
        assert (reply.fault.code, reply.fault.not_run) == ("forbidden", True)
        assert (runtime.stats.unverified, runtime.stats.calls) == (1, 0)
    assert any("a call is refused: " in line["msg"] for line in lines)


async def test_words_put_beside_a_seen_statement_are_refused() -> None:
    """Whoever can publish and saw a signed call cannot have another one done in its name."""
    async with serving(shop(CallerKeys(ring(SECRET)), "raw")) as (desk, *_):
        reply = await desk.answer(ask(desk, Signer(SECRET_KEY), body=b"forged"))
    assert reply.fault is not None
    assert reply.fault.code == "forbidden"


async def test_accepted_work_that_proves_nothing_is_kept_for_a_person() -> None:
    """Nobody waits for its answer, so it goes to the dead letters."""
    async with serving(shop(CallerKeys(ring(PUBLIC)))) as (desk, runtime, _):
        ask(desk, None, reply=False)
        await eventually(lambda: runtime.stats.dead == 1, 5, "the dead letter")
        assert runtime.stats.unverified == 1


async def test_the_keys_of_the_process_hold_where_the_service_has_none() -> None:
    """And its own come first: `UNSIGNED` is an own wish too."""
    process = CallerKeys(ring(PUBLIC))
    async with serving(shop(None), callers=process) as (desk, *_):
        assert (await desk.answer(ask(desk, None))).fault is not None
    async with serving(shop(UNSIGNED), callers=process) as (desk, *_):
        assert (await desk.answer(ask(desk, None))).fault is None


def test_the_environment_names_a_set_or_its_file(tmp_path: Path) -> None:
    """Either the keys themselves, or where they are."""
    path = tmp_path / "keys.json"
    path.write_text(ring(PUBLIC))
    expected = "<CallerKeys <Ed25519 pair public>>"
    assert repr(of_environment({VARIABLE: str(path)})) == expected
    assert repr(of_environment({VARIABLE: f" {ring(PUBLIC)}\n"})) == expected
    assert of_environment({}) is UNSIGNED
    assert repr(UNSIGNED) == "<CallerKeys none>"


@pytest.mark.parametrize("said", ["", " ", "/nowhere/keys.json", "{}", '{"keys": []}'])
def test_keys_that_are_none_keep_a_worker_from_starting(said: str) -> None:
    """It must not come up believing everybody because a variable is empty."""
    with pytest.raises(ServiceError, match=r"keys|empty"):
        of_environment({VARIABLE: said})
