"""A call that nobody would take is refused."""

from collections.abc import Awaitable
from typing import Any

import pytest

from contracts.fault import Fault
from ingress.policies.require_worker import Nobody, RequireWorker, build
from tests.ingress.policies.asked import Asked


class Seen:
    """A watch that knows what the test says."""

    def __init__(self, known: int | None, looked: int | None = None) -> None:
        self._known = known
        self._looked = looked
        self.calls = 0
        self.looks = 0

    def known(self, queue: str) -> int | None:
        assert queue == "orders"
        return self._known

    async def look(self, queue: str) -> int | None:
        self.looks += 1
        return self._looked

    def enter(self, queue: str) -> None:
        self.calls += 1

    def leave(self, queue: str) -> None:
        self.calls -= 1


async def admit(watch: Seen) -> None:
    verdict = RequireWorker("orders", watch).admit(Asked())
    if isinstance(verdict, Awaitable):
        await verdict


async def test_a_known_worker_lets_calls_in_at_once() -> None:
    """Without a look, and it is watched until they end."""
    watch = Seen(2)
    policy = RequireWorker("orders", watch)
    assert policy.admit(Asked()) is None
    assert (watch.calls, watch.looks) == (1, 0)
    policy.settle(Asked())
    assert watch.calls == 0
    assert policy.held() == {}


@pytest.mark.parametrize("watch", [Seen(0), Seen(None, 0)])
async def test_without_a_worker_it_is_503(watch: Seen) -> None:
    """At once when it is known, after one look when it is not; nothing ran."""
    with pytest.raises(Fault) as caught:
        await admit(watch)
    assert repr(caught.value).startswith("<Fault no_worker 503 broker not run")
    assert caught.value.retry_after == 1
    assert watch.calls == 0


@pytest.mark.parametrize("looked", [1, None])
async def test_a_look_decides_when_nothing_is_known(looked: int | None) -> None:
    """A broker that cannot tell will say by itself what is wrong."""
    watch = Seen(None, looked)
    await admit(watch)
    assert (watch.calls, watch.looks) == (1, 1)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"require_worker": False, "to_queue": "orders"},
        {"require_worker": True, "to_queue": ""},
        {"require_worker": True, "to_queue": "orders", "accept": True},
    ],
)
def test_it_is_built_only_where_it_can_know(asked: dict[str, Any]) -> None:
    """For a queue, and for calls that wait for an answer."""
    assert build(asked) is None


async def test_without_a_watch_it_only_tells_its_settings() -> None:
    """Who explains a route file has no broker to ask."""
    policy = build({"require_worker": True, "to_queue": "orders"})
    assert policy is not None
    assert policy.settings() == {"require_worker": True, "queue": "orders"}
    nobody = Nobody()
    assert (nobody.known("q"), await nobody.look("q")) == (None, None)
    nobody.enter("q")
    nobody.leave("q")
