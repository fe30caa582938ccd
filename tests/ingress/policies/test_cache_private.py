"""A private answer never reaches a stranger, whatever callers, workers and routes say."""

import asyncio
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.call import Call, Reply
from ingress.auth.identity import Identity
from tests.ingress.cache.cached import Cached

NOBODY: Final = "nobody"
SHARED: Final = {"public", "s-maxage=60", "must-revalidate"}

# Weighted so that what forbids storing does not leave little to see.
controls = st.lists(
    st.sampled_from(
        [
            *("public", "s-maxage=60", "must-revalidate", "max-age=60", "max-age=60", "private"),
            *("no-store", "no-cache", "stale-while-revalidate=60", "max-age=0", 'private="x"'),
        ]
    ),
    max_size=2,
)
cookies, varies = st.sampled_from(["", "", "", "a=b"]), st.sampled_from(["", "", "", "Cookie"])
# Who asks, and how that is shown: found out by the gateway, or left to the worker.
hows = st.sampled_from(["identity", "authorization", "x_api_key", "x_shop_key", "cookie"])
# The route asks nobody, others of the file do: by a field that no cache would know.
AUTH: Final = "auth: {shop: {key: {header: X-Shop-Key}}}"
callers = st.tuples(st.sampled_from(["anna", "bert", NOBODY]), hows)
rounds = st.lists(st.lists(callers, min_size=1, max_size=3), min_size=2, max_size=4)
routes = st.sampled_from(
    [
        *("{}", "{ttl: 60s}", "{ttl: 60s, coalesce: false}", "{caller: true, ttl: 60s}"),
        *("{caller: true}", "{ttl: 10s, stale_while_revalidate: 60s, stale_if_error: 60s}"),
    ]
)


class Reader:
    """A worker that puts into each answer who asked, and how, and what it says of sharing it."""

    def __init__(self, control: list[str], cookie: str, vary: str) -> None:
        self.said = ", ".join(filter(None, control))
        self.cookie = cookie
        self.vary = vary

    async def __call__(self, call: Call) -> Reply:
        await asyncio.sleep(0)
        fields = ("authorization", "x-api-key", "x-shop-key", "cookie")
        who = next(filter(None, (call.caller.id, *map(call.header, fields))), NOBODY)
        says = (("cache-control", self.said), ("vary", self.vary), ("set-cookie", self.cookie))
        said = tuple(pair for pair in (("etag", '"1"'), *says) if pair[1])
        return Reply(headers=said, body=who.encode())


async def play(cached: Cached, plan: list[list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    """Ask round by round; gives who asked, how it was shown, and whose answer that was."""

    async def ask(who: str, how: str) -> tuple[str, str, str]:
        if who == NOBODY:
            flow = await cached.get("/me")
        elif how == "identity":
            flow = await cached.ask("GET", "/me", b"", Identity(id=who, scheme="key"))
        else:
            flow = await cached.get("/me", **{how: who})
        assert flow.reply is not None, flow.fault
        return who, how, flow.reply.body.decode()

    seen = []
    for together in plan:
        seen += await asyncio.gather(*(ask(*caller) for caller in together))
        cached.now += 20
    return seen


@given(controls, cookies, varies, rounds, routes)
@settings(max_examples=200, deadline=None)
def test_nobody_reads_what_was_said_to_another(
    control: list[str], cookie: str, vary: str, plan: list[list[tuple[str, str]]], route: str
) -> None:
    """Unless the worker said that it is for all; an answer to nobody in particular may be."""
    cached = Cached(Reader(control, cookie, vary), route, AUTH)
    shared = SHARED & set(control) and not {"private", "no-store"} & set(control) and not cookie
    # By RFC 9111 a cookie says nothing of sharing: whoever says how long an answer holds means all.
    lasting = {"max-age=60", "stale-while-revalidate=60"} & set(control)
    for who, how, whose in asyncio.run(play(cached, plan)):
        if whose in {who, NOBODY} or (shared and "caller" not in route):
            continue
        by_cookie = any((whose, "cookie") in together for together in plan)
        assert by_cookie, (who, how, whose)
        assert lasting, (who, how, whose)
        assert not vary, (who, how, whose)
