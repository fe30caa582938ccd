"""Whether an answer may be stored, and as what."""

import msgspec
import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress.cache.asked import Asked
from ingress.cache.control import parse
from ingress.cache.entry import Entry
from ingress.cache.freshness import Said
from ingress.cache.storing import Came, Rules, Where, entry_of, refreshed
from tests.ingress.cache.cached import reply
from tests.ingress.cache.entries import entry

ANYBODY = Where("shop", "/a", "")
SOMEBODY = Where("shop", "/a", "", authenticated=True)
APART = Where("shop", "/a", "anna", authenticated=True, apart=True)
NOW = 1000.0


def stored(
    answer: Reply, where: Where = ANYBODY, rules: Rules | None = None, asked: Asked | None = None
) -> Entry | str:
    came = Came(answer, NOW, NOW)
    return entry_of(where, asked or Asked(), (("x", "1"),), came, rules or Rules())


@pytest.mark.parametrize(
    "answer, refusal",
    [
        (reply(cache_control="max-age=9, no-store"), "no-store"),
        (reply(cache_control="max-age=9, PRIVATE"), "private"),
        (reply(cache_control="max-age=9", vary="a, *"), "vary"),
        (reply(cache_control="max-age=9", set_cookie="a=b"), "set-cookie"),
        (reply("x" * 2_000_000, cache_control="max-age=9"), "too-large"),
        (reply(status=206, cache_control="max-age=9"), "status"),
        (reply(status=304, cache_control="max-age=9"), "status"),
        (reply(status=599, cache_control="max-age=9, must-understand"), "not-understood"),
        (reply(), "no-lifetime"),
        (reply(status=500, etag='"1"'), "no-lifetime"),
        (reply(cache_control="max-age=9", queuegate_cache_control="no-store"), "no-store"),
        (Reply.of_fault(Fault("not_found")), "fault"),
    ],
)
def test_what_is_not_stored(answer: Reply, refusal: str) -> None:
    """RFC 9111 section 3, and what we are more careful about."""
    assert stored(answer) == refusal


@pytest.mark.parametrize(
    "answer",
    [
        reply(cache_control="max-age=9"),
        reply(cache_control="max-age=0", etag='"1"'),
        reply(etag='"1"'),
        reply(status=503, cache_control="max-age=9"),
        reply(status=200, cache_control="max-age=9, no-store, must-understand"),
        reply(cache_control="no-store", cdn_cache_control="max-age=9"),
        reply(cache_control='max-age=9, private="x-user"'),
    ],
)
def test_what_is_stored(answer: Reply) -> None:
    """What says how long it is fresh, or can be asked about."""
    assert isinstance(stored(answer), Entry)


def test_a_request_may_forbid_it() -> None:
    """RFC 9111 section 5.2.1.5."""
    asked = Asked(directives=parse("no-store"))
    assert stored(reply(cache_control="max-age=9"), asked=asked) == "request-no-store"


def test_what_somebody_got_is_stored_if_it_is_for_all() -> None:
    """Section 3.5; or where each has a place of its own, or the route says so."""
    plain = reply(cache_control="max-age=9")
    assert stored(plain, SOMEBODY) == "authorization"
    assert isinstance(stored(plain, APART), Entry)
    assert isinstance(stored(plain, SOMEBODY, Rules(public=True)), Entry)
    assert isinstance(stored(reply(cache_control="public, max-age=9"), SOMEBODY), Entry)


def test_a_cookie_is_shown_to_be_known() -> None:
    """Where only the route speaks for storing it, an answer to a cookie is not stored."""
    asked, rules = Asked(said={"cookie": "a=b"}), Rules(said=Said(ttl=9))
    assert stored(reply(), rules=rules, asked=asked) == "cookie"
    assert isinstance(stored(reply(cache_control="max-age=9"), asked=asked), Entry)


def test_what_is_kept_of_it() -> None:
    """Not what is for this hop, nor what the worker names, nor what we say ourselves."""
    answer = reply(
        cache_control='max-age=9, no-cache="x-user"',
        connection="x-hop",
        x_hop="1",
        x_user="anna",
        age="3",
        date="Thu, 01 Jan 1970 00:16:40 GMT",
        X_Kept="1",
        vary="X",
        surrogate_key="a b",
        cache_tag="c,a",
    )
    found = stored(answer, rules=Rules(tags=("shop",)))
    assert isinstance(found, Entry)
    names = [name for name, _ in found.fields]
    assert names == ["cache-control", "x-kept", "vary", "surrogate-key", "cache-tag"]
    assert (found.vary, found.varied) == (("x",), ("1",))
    assert found.tags == ("shop", "a", "b", "c")
    assert (found.born, found.lifetime, found.date) == (997.0, 9.0, answer.header("date"))


def test_who_says_no_date_means_now() -> None:
    """RFC 9110 section 6.6.1."""
    found = stored(reply(cache_control="max-age=9"))
    assert isinstance(found, Entry)
    assert found.date == "Thu, 01 Jan 1970 00:16:40 GMT"


@pytest.mark.parametrize(
    "said, wanted",
    [
        ("max-age=9", (False, 5, 6)),
        ("max-age=9, stale-while-revalidate=1, stale-if-error=2", (False, 1, 2)),
        ("max-age=9, must-revalidate, stale-while-revalidate=1", (True, 0, 0)),
        ("max-age=9, proxy-revalidate", (True, 0, 0)),
        ("s-maxage=9", (True, 0, 0)),
        ("s-maxage=9, stale-while-revalidate=1", (True, 1, 0)),
    ],
)
def test_how_long_it_serves_when_stale(said: str, wanted: tuple[bool, float, float]) -> None:
    """What the worker says, else what the route does, unless it is forbidden (section 4.2.4)."""
    rules = Rules(stale_while_revalidate=5, stale_if_error=6)
    found = stored(reply(cache_control=said), rules=rules)
    assert isinstance(found, Entry)
    assert (found.strict, found.revalidate, found.on_error) == wanted


def test_a_304_makes_it_new() -> None:
    """Fields take the place of those of their names, but not what describes the body we have."""
    old = entry(fields=(("content-type", "text/plain"), ("x", "old"), ("y", "old")), part="p")
    answer = reply("", 304, cache_control="max-age=9", x="new", content_type="text/html")
    found = refreshed(old, ANYBODY, Asked(), Came(answer, 2000.0, 2000.0), Rules())
    assert isinstance(found, Entry)
    assert dict(found.fields) == {
        "content-type": "text/plain",
        "x": "new",
        "y": "old",
        "cache-control": "max-age=9",
    }
    assert (found.body, found.born, found.lifetime) == (b"hello", 2000.0, 9.0)
    forbidden = Came(reply("", 304, cache_control="no-store"), 2000.0, 2000.0)
    assert refreshed(old, ANYBODY, Asked(), forbidden, Rules()) == "no-store"


def test_a_fault_is_stored_for_the_time_that_the_route_gives() -> None:
    """A worker's "there is none" alone, and never one told to somebody."""
    rules = Rules(said=Said(negative_ttl=5))
    found = stored(Reply.of_fault(Fault("not_found", "no tea")), rules=rules)
    assert isinstance(found, Entry)
    assert (found.code, found.lifetime, found.strict) == ("not_found", 5, True)
    assert stored(Reply.of_fault(Fault("forbidden")), rules=rules) == "fault"
    assert stored(Reply.of_fault(Fault("not_found")), SOMEBODY, rules) == "authorization"
    asked = Asked(said={"cookie": "a=b"})
    assert stored(Reply.of_fault(Fault("not_found")), ANYBODY, rules, asked) == "authorization"


def test_a_fault_that_is_stored_is_for_those_who_show_nothing() -> None:
    """Unless the route says that its answers are for all."""
    for public in (False, True):
        rules = Rules(said=Said(negative_ttl=5), public=public)
        found = stored(Reply.of_fault(Fault("not_found")), rules=rules)
        assert isinstance(found, Entry)
        assert found.implied is not public


def test_tags_are_bounded() -> None:
    """A worker cannot fill the index with the tags of one answer."""
    tags = " ".join(f"t{number}" for number in range(100))
    found = stored(reply(cache_control="max-age=9", surrogate_key=tags))
    assert isinstance(found, Entry)
    assert found.tags == tuple(f"t{number}" for number in range(64))


def test_a_304_leaves_what_selects_the_answer() -> None:
    """The request that asks again need not say what the first one said."""
    old = msgspec.structs.replace(entry(), vary=("x",), varied=("1",))
    answer = reply("", 304, cache_control="max-age=9", vary="x")
    found = refreshed(old, ANYBODY, Asked(), Came(answer, 2000.0, 2000.0), Rules())
    assert isinstance(found, Entry)
    assert (found.vary, found.varied) == (("x",), ("1",))
