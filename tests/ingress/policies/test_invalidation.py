"""What an unsafe request makes out of date."""

import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from tests.ingress.cache.cached import Cached, field, reply


def worker(call: Call) -> Reply:
    if call.method == "GET":
        return reply(cache_control="max-age=60")
    if call.body == b"fault":
        return Reply.of_fault(Fault("conflict"))
    status, _, place = call.body.decode().partition(" ")
    return reply("", int(status), **({"Location": place} if place else {}))


async def held(cached: Cached, path: str) -> bool:
    flow = await cached.get(path, cache_control="only-if-cached")
    return "hit" in field(flow, "cache-status")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH"])
async def test_a_change_drops_what_is_stored_for_its_target(method: str) -> None:
    """RFC 9111 section 4.4; with every query, for the change may show on any page of a list."""
    cached = Cached(worker)
    for path in ("/a", "/a?page=2", "/b"):
        await cached.get(path)
    await cached.ask(method, "/a", body=b"200")
    assert [await held(cached, path) for path in ("/a", "/a?page=2", "/b")] == [False, False, True]
    assert cached.shelf.counts["invalidated"] == 2


@pytest.mark.parametrize("body", [b"404", b"500", b"fault"])
async def test_what_failed_changed_nothing(body: bytes) -> None:
    """Else anybody could empty the cache with requests that are refused."""
    cached = Cached(worker)
    await cached.get("/a")
    await cached.ask("PUT", "/a", body=body)
    assert await held(cached, "/a")


@pytest.mark.parametrize(
    "place, dropped",
    [
        ("/b", True),
        ("b", True),
        ("http://shop/b", True),
        ("//SHOP/b", True),
        ("http://other/b", False),
        ("//other/b", False),
        ("mailto:x", False),
        ("http://[", False),
    ],
)
async def test_it_names_other_places_of_its_own_host(place: str, *, dropped: bool) -> None:
    """What it says of another host is none of its business."""
    cached = Cached(worker)
    await cached.get("/b")
    await cached.ask("POST", "/a", body=f"201 {place}".encode())
    assert await held(cached, "/b") is not dropped


@pytest.mark.parametrize("code", ["deadline", "worker_lost"])
async def test_what_may_have_changed_is_dropped(code: str) -> None:
    """Nobody knows how it ended: to ask once more is better than to be wrong."""

    def lost(call: Call) -> Reply:
        return worker(call) if call.method == "GET" else Reply.of_fault(Fault(code))

    cached = Cached(lost)
    await cached.get("/a")
    await cached.ask("PUT", "/a")
    assert not await held(cached, "/a")


async def test_looking_changes_nothing() -> None:
    """OPTIONS is safe."""
    cached = Cached(worker)
    await cached.get("/a")
    await cached.ask("OPTIONS", "/a", body=b"200")
    assert await held(cached, "/a")
