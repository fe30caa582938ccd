"""Who is calling: the first authenticator that fits."""

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any

import msgspec
import pytest

from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.auth.key.authenticator import KeyAuthenticator
from ingress.auth.key.sections import KeySection
from ingress.auth.refusal import Refused
from ingress.consumers import token
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Directory, Known
from ingress.consumers.records import Consumer, Key, UsagePlan
from ingress.policies import auth
from ingress.policies.auth import Auth, KeyAuth
from tests.ingress.auth.shown import Scripted, shown
from tests.ingress.policies.asked import Asked

ANNA = Identity(id="anna", scheme="key", scopes=("read",))
BEN = Identity(id="ben", scheme="jwt")


def policy(*ways: Scripted) -> Auth:
    return Auth(tuple(way.name for way in ways), ways)


async def passed(ways: Auth, asked: Asked) -> Asked:
    waiting = ways.admit(asked)
    if isinstance(waiting, Awaitable):
        await waiting
    return asked


async def refused(ways: Auth, asked: Asked) -> Fault:
    with pytest.raises(Fault) as caught:
        await passed(ways, asked)
    return caught.value


@pytest.mark.parametrize("waits", [False, True])
async def test_the_first_that_fits_counts(*, waits: bool) -> None:
    """Who sees nothing, and who refuses, leaves it to the next; the rest is not asked."""
    last = Scripted("d", BEN)
    ways = policy(
        Scripted("a", None, waits=waits),
        Scripted("b", Refused("bad"), waits=waits),
        Scripted("c", ANNA, waits=waits),
        last,
    )
    asked = await passed(ways, shown())
    assert asked.identity is ANNA
    assert (asked.call.caller.id, asked.call.caller.scopes) == ("anna", ("read",))
    assert (last.asked, asked.headers) == (0, [])


def test_what_needs_no_io_does_not_wait() -> None:
    """The usual call is decided at once."""
    assert policy(Scripted("a", ANNA)).admit(shown()) is None


@pytest.mark.parametrize("waits", [False, True])
async def test_a_stranger_hears_401_with_every_challenge(*, waits: bool) -> None:
    """Each with what it refused (RFC 9110 section 11.6.1)."""
    ways = policy(
        Scripted("a", None, waits=waits), Scripted("b", Refused("it has expired"), waits=waits)
    )
    asked = shown()
    fault = await refused(ways, asked)
    assert (fault.code, fault.status, fault.detail) == ("unauthenticated", 401, "it has expired")
    assert asked.headers == [("www-authenticate", "a -"), ("www-authenticate", "b it has expired")]
    assert asked.identity is None


async def test_who_shows_nothing_is_told_so() -> None:
    """Without an error in the challenge (RFC 6750 section 3.1)."""
    asked = shown()
    fault = await refused(policy(Scripted("a", None)), asked)
    assert fault.detail == "no credential was shown that is taken here"
    assert asked.headers == [("www-authenticate", "a -")]


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("error", [Fault("store_down"), RuntimeError("a bug")])
async def test_what_cannot_be_told_lets_nobody_pass(*, waits: bool, error: Exception) -> None:
    """No other is asked: it fails closed."""
    second = Scripted("b", ANNA)
    with pytest.raises(type(error)):
        await passed(policy(Scripted("a", error, waits=waits), second), shown())
    assert second.asked == 0


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("answer", [ANNA, None, Refused("no"), Fault("store_down"), ValueError()])
async def test_credentials_go_no_further(
    answer: Identity | Exception | None, *, waits: bool
) -> None:
    """Those of all authenticators of the route, also when nobody was let pass."""
    asked = shown("a=secret&b=secret&c=1", x_a="secret", x_b="secret", x_c="1")
    with contextlib.suppress(Exception):
        await passed(policy(Scripted("a", answer, waits=waits), Scripted("b", None)), asked)
    assert (asked.call.query, asked.call.headers) == ("c=1", (("x-c", "1"),))


async def test_one_that_forwards_leaves_its_own_and_nothing_else() -> None:
    """And only where it is the one that knew the caller."""
    asked = shown("a=1&b=2", x_a="1", x_b="2")
    await passed(policy(Scripted("a", ANNA, forward=True), Scripted("b", None)), asked)
    assert (asked.call.query, asked.call.headers) == ("a=1", (("x-a", "1"),))
    asked = shown("a=1&b=2", x_a="1", x_b="2")
    await passed(policy(Scripted("a", None, forward=True), Scripted("b", ANNA)), asked)
    assert (asked.call.query, asked.call.headers) == ("", ())


async def test_fields_about_the_caller_come_from_who_knows_it() -> None:
    """The worker gets those of the identity; what the client said of the same name is taken off."""
    told = msgspec.structs.replace(ANNA, fields=(("x-mail", "anna@example"),))
    asked = shown(**{"x-mail": "eve@example", "x-other": "1"})
    await passed(policy(Scripted("a", told, header="x-mail")), asked)
    assert asked.call.headers == (("x-other", "1"), ("x-mail", "anna@example"))


async def test_a_client_that_leaves_leaves_no_credential() -> None:
    """Cancelled while an authenticator waits, the call has none left for the journal."""
    asked = shown(x_a="secret")

    class Never(Scripted):
        async def _later(self) -> Identity | None:
            await asyncio.Event().wait()
            return None

    waiting = policy(Never("a", None, waits=True)).admit(asked)
    assert waiting is not None
    task = asyncio.ensure_future(waiting)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asked.call.headers == ()


async def test_a_usage_plan_says_which_routes_may_be_called() -> None:
    """What it does not cover is 403, and so is everything on a plan that is not there."""
    plans = {"gold": UsagePlan(name="gold", routes=("GET /a",)), "all": UsagePlan(name="all")}
    for plan, route, passes in (
        ("gold", "GET /a", True),
        ("gold", "GET /b", False),
        ("all", "GET /b", True),
        ("gone", "GET /a", False),
    ):
        way = Scripted("a", Identity(id="anna", scheme="key", plan=plan))
        ways = Auth(("a",), (way,), plans.get)
        for _ in range(2):
            asked = shown()
            asked.call = msgspec.structs.replace(asked.call, route=route)
            if passes:
                assert ways.admit(asked) is None
            else:
                fault = await refused(ways, asked)
                assert (fault.code, fault.status) == ("forbidden", 403)
                assert asked.identity is not None


async def test_a_usage_plan_that_changed_counts_at_once() -> None:
    """What was found of it as it was before is no word about it as it is now."""
    plans = {"gold": UsagePlan(name="gold", routes=("GET /a",))}
    ways = Auth(("a",), (Scripted("a", Identity(id="anna", scheme="key", plan="gold")),), plans.get)
    for routes, passes in ((("GET /a",), True), (("GET /b",), False), (("GET /a",), True)):
        plans["gold"] = UsagePlan(name="gold", routes=routes)
        asked = shown()
        asked.call = msgspec.structs.replace(asked.call, route="GET /a")
        if passes:
            assert ways.admit(asked) is None
        else:
            assert (await refused(ways, asked)).code == "forbidden"


def test_it_is_there_only_where_it_was_asked_for() -> None:
    """And who serves nothing builds one that lets nobody pass."""
    assert auth.build({}) is None
    assert auth.build({"auth": "off"}) is None
    closed = auth.build({"auth": "a"})
    assert closed is not None
    with pytest.raises(Fault, match="unauthenticated"):
        closed.admit(shown())
    ways = {"a": Scripted("a", ANNA), "b": Scripted("b", BEN)}
    built = auth.build({"auth": ("b", "a"), "authenticators": ways})
    assert repr(built) == "<Auth b or a>"
    assert built is not None
    assert built.settings() == {
        "first of": ["b", "a"],
        "b": "kind scripted",
        "a": "kind scripted",
    }


_DIGESTS = Digests(["a secret of sixteen"])
_KEYS = {name: token.make() for name in ("good", "ended", "off", "barred", "planless")}
_FOREIGN = "a-key-that-is-not-of-our-making"


def _directory() -> Directory:
    """Make one with a key of each kind."""
    texts = {**_KEYS, "foreign": _FOREIGN}
    known = Known(
        consumers=tuple(
            Consumer(
                name=name,
                disabled=name == "off",
                plan={"good": "gold", "barred": "none", "planless": "lost"}.get(name, ""),
            )
            for name in texts
        ),
        keys=tuple(
            Key(
                id=token.id_of(text) if name in _KEYS else name,
                consumer=name,
                digest=_DIGESTS.make(text),
                secret=_DIGESTS.name,
                expires=1.0 if name == "ended" else 0.0,
                foreign=name not in _KEYS,
            )
            for name, text in texts.items()
        ),
        plans=(UsagePlan(name="gold"), UsagePlan(name="none", routes=("GET /nowhere",))),
    )
    ours = Directory()
    ours.declare(known, _DIGESTS)
    return ours


async def _outcome(ways: Auth, *fields: tuple[str, str]) -> tuple[Any, ...]:
    """Say all that became of a call that shows these fields."""
    asked = shown()
    asked.call = msgspec.structs.replace(asked.call, headers=fields, query="x-api-key=q")
    fault = None
    with contextlib.suppress(Fault):
        try:
            await passed(ways, asked)
        except Fault as error:
            fault = (error.code, error.detail)
            raise
    return fault, asked.identity, asked.call, asked.headers


async def test_a_key_alone_is_told_as_among_others() -> None:
    """The way for the usual call comes to what the long one does, whatever is shown."""
    directory = _directory()
    way = KeyAuthenticator("k", KeySection(header="X-Api-Key"), directory)
    short = auth.build({"auth": "k", "authenticators": {"k": way}, "directory": directory})
    assert isinstance(short, KeyAuth)
    long = Auth(("k",), (way,), directory.plan)
    around = [("host", "a"), ("accept", "*/*")]
    codes = []
    for text in (*_KEYS.values(), _FOREIGN, "wrong", "", "x" * 600, _KEYS["good"][:-1]):
        line = ("x-api-key", text)
        for fields in ([line], [around[0], line, around[1]], [line, line], around):
            # Twice: what is remembered of the first changes nothing.
            for _ in range(2):
                expected = await _outcome(long, *fields)
                assert await _outcome(short, *fields) == expected
        codes.append((await _outcome(short, line))[0])
    assert [code and code[0] for code in codes] == [
        None,
        "unauthenticated",
        "unauthenticated",
        "forbidden",
        "forbidden",
        None,
        *["unauthenticated"] * 4,
    ]


async def test_a_directory_that_is_not_read_yet_lets_no_key_pass() -> None:
    """Nor does the key go any further."""
    directory = _directory()
    directory.complete = False
    way = KeyAuthenticator("k", KeySection(), directory)
    ways = auth.build({"auth": "k", "authenticators": {"k": way}, "directory": directory})
    assert isinstance(ways, KeyAuth)
    fault, identity, call, _ = await _outcome(ways, ("x-api-key", token.make()), ("a", "b"))
    assert fault is not None
    assert (fault[0], identity, getattr(call, "headers", ())) == ("store_down", None, (("a", "b"),))


@pytest.mark.parametrize(
    "section",
    [
        KeySection(header="authorization"),
        KeySection(header="x-api-key", query="key"),
        KeySection(cookie="key"),
        KeySection(header="x-api-key", forward=True),
    ],
)
def test_the_short_way_is_for_a_key_in_one_header_field(section: KeySection) -> None:
    """One that may be elsewhere too, or goes on to the worker, is told the long way."""
    way = KeyAuthenticator("k", section, _directory())
    assert type(auth.build({"auth": "k", "authenticators": {"k": way}})) is Auth
