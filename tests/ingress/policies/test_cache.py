"""The cache on a route: what it answers, what it asks the worker, and for whom."""

import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.flow import Flow
from tests.harness.waiting import eventually
from tests.ingress.cache.cached import Cached, field, reply

ANNA = Identity(id="anna", scheme="key")
BERT = Identity(id="bert", scheme="key")


def fresh(_: Call) -> Reply:
    return reply(cache_control="max-age=60", etag='"1"')


def body(flow: Flow) -> bytes:
    assert flow.reply is not None, flow.fault
    return flow.reply.body


async def test_a_fresh_answer_is_used_again() -> None:
    """The worker is asked once; the second answer says that and how old it is."""
    cached = Cached(fresh)
    first = await cached.get("/a")
    cached.now += 7
    second = await cached.get("/a")
    assert (body(first), body(second), len(cached.calls)) == (b"hello", b"hello", 1)
    assert field(first, "cache-status") == "queuegate; fwd=uri-miss; fwd-status=200; stored"
    assert field(second, "cache-status") == "queuegate; hit; ttl=53"
    assert field(second, "age") == "7"
    assert field(second, "date") == "Mon, 12 Jan 1970 13:46:40 GMT"
    assert (first.answered_by, first.attempts) == ("", 1)
    assert (second.answered_by, second.attempts) == ("cache", 0)


async def test_head_is_answered_from_a_stored_get() -> None:
    """HEAD gets what GET would; one that nothing is stored for goes to the worker, unstored."""
    cached = Cached(fresh)
    await cached.ask("HEAD", "/a")
    await cached.get("/a")
    head = await cached.ask("HEAD", "/a", range="bytes=0-1")
    assert field(head, "cache-status").startswith("queuegate; hit")
    assert [call.method for call in cached.calls] == ["HEAD", "GET"]


async def test_a_head_does_not_renew_an_answer_without_its_body() -> None:
    """Behind a stale answer to a HEAD the worker is asked with GET."""
    cached = Cached(lambda _: reply(cache_control="max-age=5, stale-while-revalidate=60"))
    await cached.get("/a")
    cached.now += 6
    await cached.ask("HEAD", "/a")
    await eventually(lambda: not len(cached.shelf.flights), what="it is renewed")
    assert [call.method for call in cached.calls] == ["GET", "GET"]
    assert body(await cached.get("/a")) == b"hello"


async def test_an_api_key_is_a_credential() -> None:
    """Also where the worker checks it and the gateway does not."""
    cached = Cached(lambda call: reply(call.header("x-api-key"), cache_control="max-age=60"))
    assert body(await cached.get("/me", x_api_key="anna")) == b"anna"
    assert body(await cached.get("/me", x_api_key="bert")) == b"bert"


async def test_queries_and_hosts_are_kept_apart() -> None:
    """Host, path and query name an answer."""
    cached = Cached(fresh)
    for target in ("/a", "/a?x=1", "/a?x=2", "/A"):
        await cached.get(target)
    await cached.get("/a", host="other")
    assert len(cached.calls) == 5


@pytest.mark.parametrize(
    "fields",
    [
        {"x_forwarded_host": "evil"},
        {"x_original_url": "/evil"},
        {"x_forwarded_prefix": "/evil"},
        {"forwarded": "for=1.2.3.4;host=evil"},
    ],
)
async def test_what_names_another_target_is_in_the_key(fields: dict[str, str]) -> None:
    """Nobody can have an answer stored under the key of another request."""
    cached = Cached(fresh)
    await cached.get("/a", **fields)
    honest = await cached.get("/a")
    assert "fwd=uri-miss" in field(honest, "cache-status")
    assert "hit" in field(await cached.get("/a", **fields), "cache-status")


async def test_who_it_was_forwarded_for_is_not_in_the_key() -> None:
    """Else every client would have an answer of its own."""
    cached = Cached(fresh)
    await cached.get("/a", forwarded="for=1.2.3.4;proto=https", x_forwarded_for="1.2.3.4")
    second = await cached.get("/a", forwarded="for=5.6.7.8;proto=https", x_forwarded_for="5.6.7.8")
    assert "hit" in field(second, "cache-status")


async def test_a_get_that_may_be_more_than_one_passes() -> None:
    """A method override or a body may change what it means: it is neither used nor stored."""
    cached = Cached(fresh)
    await cached.get("/a")
    for flow in (
        await cached.get("/a", x_http_method_override="DELETE"),
        await cached.ask("GET", "/a", b"{}"),
    ):
        assert "fwd=bypass" in field(flow, "cache-status")
    assert len(cached.calls) == 3


async def test_what_somebody_was_told_is_told_nobody_else() -> None:
    """An answer to a caller with credentials is not stored unless the worker says for whom."""
    cached = Cached(lambda call: reply(call.caller.id, cache_control="max-age=60"))
    assert body(await cached.ask("GET", "/me", identity=ANNA)) == b"anna"
    assert body(await cached.ask("GET", "/me", identity=BERT)) == b"bert"
    assert body(await cached.get("/me", authorization="Basic x")) == b""
    assert len(cached.calls) == 3


@pytest.mark.parametrize("said", ["public, max-age=9", "s-maxage=9", "max-age=9, must-revalidate"])
async def test_an_answer_for_all_is_shared_by_callers(said: str) -> None:
    """RFC 9111 section 3.5: these three say that it is for others too."""
    cached = Cached(lambda _: reply(cache_control=said))
    await cached.ask("GET", "/a", identity=ANNA)
    flow = await cached.ask("GET", "/a", identity=BERT)
    assert "hit" in field(flow, "cache-status")


async def test_callers_may_have_answers_of_their_own() -> None:
    """With ``caller: true`` each has what it was told before, and nobody else has."""
    cached = Cached(lambda call: reply(call.caller.id, cache_control="max-age=9"), "{caller: true}")
    for _ in range(2):
        assert body(await cached.ask("GET", "/me", identity=ANNA)) == b"anna"
        assert body(await cached.ask("GET", "/me", identity=BERT)) == b"bert"
        assert body(await cached.get("/me")) == b""
    assert len(cached.calls) == 3


async def test_a_route_s_ttl_is_not_for_those_who_show_who_they_are() -> None:
    """Where only the route says that it may be stored, cookies and credentials pass it by."""
    cached = Cached(lambda call: reply(call.header("cookie")), "{ttl: 10s}")
    assert body(await cached.get("/me", cookie="session=anna")) == b"session=anna"
    assert body(await cached.get("/me")) == b""
    assert body(await cached.get("/me", cookie="session=bert")) == b"session=bert"
    assert "hit" in field(await cached.get("/me"), "cache-status")
    public = Cached(lambda _: reply(), "{ttl: 10s, public: true}")
    await public.get("/a", cookie="session=anna")
    assert "hit" in field(await public.ask("GET", "/a", identity=BERT), "cache-status")


async def test_a_stale_answer_is_asked_about() -> None:
    """The worker is told what is held, and a 304 makes it fresh again (RFC 9111 section 4.3)."""

    def worker(call: Call) -> Reply:
        if call.header("if-none-match") == '"1"':
            return reply("", 304, cache_control="max-age=30", x_new="2")
        return reply(cache_control="max-age=5", etag='"1"', x_old="1")

    cached = Cached(worker)
    await cached.get("/a")
    cached.now += 6
    second = await cached.get("/a")
    assert body(second) == b"hello"
    assert field(second, "cache-status") == "queuegate; fwd=stale; fwd-status=304; stored"
    cached.now += 20
    third = await cached.get("/a")
    assert (field(third, "x-old"), field(third, "x-new"), field(third, "age")) == ("1", "2", "20")
    assert len(cached.calls) == 2


async def test_a_client_gets_no_more_than_it_asks_for() -> None:
    """304, 206, 416 and 412, from the stored answer; the worker is asked for the whole."""
    cached = Cached(fresh)
    first = await cached.get("/a", if_none_match='"1"')
    assert first.reply is not None
    assert (first.reply.status, first.reply.body) == (304, b"")
    assert cached.calls[0].header("if-none-match") == ""
    part = await cached.get("/a", range="bytes=1-2")
    assert part.reply is not None
    assert (part.reply.status, part.reply.body) == (206, b"el")
    assert field(part, "content-range") == "bytes 1-2/5"
    beyond = await cached.get("/a", range="bytes=9-")
    assert beyond.code == "range_not_satisfiable"
    other = await cached.get("/a", if_match='"2"')
    assert other.code == "precondition_failed"
    assert body(await cached.get("/a", if_match='"1"')) == b"hello"


async def test_a_stale_answer_serves_while_the_worker_is_asked() -> None:
    """RFC 5861 section 3: the client does not wait, and the next one has the new answer."""
    version = 0

    def worker(_: Call) -> Reply:
        nonlocal version
        version += 1
        return reply(f"v{version}", cache_control="max-age=5, stale-while-revalidate=60")

    cached = Cached(worker)
    await cached.get("/a")
    cached.now += 6
    stale = [await cached.get("/a"), await cached.get("/a")]
    assert body(stale[0]) == b"v1"
    assert field(stale[0], "cache-status") == "queuegate; hit; ttl=-1; detail=stale"
    await eventually(lambda: not len(cached.shelf.flights), what="it is refreshed")
    assert body(await cached.get("/a")) == b"v2"
    assert len(cached.calls) == 2


@pytest.mark.parametrize(
    "trouble", [Reply.of_fault(Fault("no_worker")), Reply(status=503), Reply(status=500)]
)
async def test_a_stale_answer_stands_in_for_a_worker_that_fails(trouble: Reply) -> None:
    """RFC 5861 section 4, for as long as it says; a worker that forbids it is obeyed."""
    for said, stands_in in (
        ("max-age=5, stale-if-error=60", True),
        ("max-age=5", False),
        ("max-age=5, must-revalidate, stale-if-error=60", False),
    ):
        answers = [reply(cache_control=said), trouble, trouble]
        cached = Cached(lambda _, answers=answers: answers.pop(0))  # type: ignore[misc]
        await cached.get("/a")
        cached.now += 6
        flow = await cached.get("/a")
        assert ("stale-if-error" in field(flow, "cache-status")) is stands_in
        cached.now += 60
        late = await cached.get("/a")
        assert "stale-if-error" not in field(late, "cache-status")


async def test_faults_are_stored_only_where_the_route_says_so() -> None:
    """Negative caching is for a worker's "there is none", and off."""
    for settings, calls in (("{ttl: 9s}", 2), ("{negative_ttl: 9s}", 1)):
        cached = Cached(lambda _: Reply.of_fault(Fault("not_found", "no such tea")), settings)
        flows = [await cached.get("/a"), await cached.get("/a")]
        assert [flow.fault.detail for flow in flows if flow.fault] == ["no such tea"] * 2
        assert len(cached.calls) == calls


async def test_clients_are_obeyed_unless_the_route_says_otherwise() -> None:
    """``no-cache`` asks the worker, ``only-if-cached`` never does."""
    cached = Cached(fresh)
    none = await cached.get("/a", cache_control="only-if-cached")
    assert none.code == "not_cached"
    await cached.get("/a")
    await cached.get("/a", cache_control="no-cache")
    assert len(cached.calls) == 2
    deaf = Cached(fresh, "{obey_clients: false}")
    await deaf.get("/a")
    await deaf.get("/a", cache_control="no-cache")
    assert len(deaf.calls) == 1


async def test_vary_keeps_answers_apart() -> None:
    """Each of the languages is asked for once; what Vary does not name makes no difference."""
    cached = Cached(
        lambda call: reply(
            call.header("accept-language"), cache_control="max-age=60", vary="Accept-Language"
        )
    )
    for language in ("de", "en", "de", "EN"):
        await cached.get("/a", accept_language=language, user_agent=f"x{language}")
    assert len(cached.calls) == 2


async def test_settings_are_told() -> None:
    """``routes explain`` prints them."""
    cached = Cached(fresh, "{ttl: 10s, headers: [X-Tenant], tags: [shop]}")
    plan, _ = cached._router.match("GET", "/a")
    policy = next(one for one in plan.policies if one.name == "cache")
    settings = policy.settings()
    assert settings["ttl"] == 10
    assert settings["headers"] == ["x-tenant"]
    assert settings["tags"] == ["shop"]
    assert repr(policy) == "<Cache <Shelf 0 answers, 0 calls under way>>"
