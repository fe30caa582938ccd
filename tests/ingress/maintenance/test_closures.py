"""Closing and opening while the gateway runs."""

from pathlib import Path

import pytest

from contracts import stores
from contracts.fault import Fault
from contracts.stores.port import Store
from ingress.maintenance.closures import Closures
from ingress.router import Router
from tests.harness.waiting import eventually
from tests.ingress.routing.plans import of


class Door:
    """What has a router."""

    def __init__(self) -> None:
        self.router = Router(of("route: GET /a", "route: GET /b"))

    def closed(self) -> list[str]:
        """Name the routes that are closed."""
        return [plan.name for plan in self.router.plans if plan.policies]


@pytest.fixture(params=["memory://", "sqlite:state.db"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> "Store":
    return stores.open_store(request.param, tmp_path)


async def test_what_is_closed_is_closed_for_all_that_share_the_store(store: Store) -> None:
    """At once where it was told, within a second elsewhere; and after a restart."""
    told: list[str] = []
    doors = Door(), Door()
    one, other = (Closures(door, store, lambda _, text: told.append(text)) for door in doors)
    await one.start()
    await other.start()
    await one.shut("GET /a", 5.0, "soon")
    assert doors[0].closed() == ["GET /a"]
    await eventually(lambda: _is(doors[1], ["GET /a"]))
    restarted = Door()
    third = Closures(restarted, store, lambda *_: None)
    await third.start()
    assert restarted.closed() == ["GET /a"]
    assert await third.open("GET /a")
    assert not await third.open("GET /a")
    await eventually(lambda: _is(doors[0], []))
    assert set(told) == {"closed for maintenance: GET /a", "open again: GET /a"}
    for closures in (one, other, third):
        await closures.stop()
    await store.close()


async def test_a_reload_opens_nothing(store: Store) -> None:
    """The new routes are closed too, and those that are not there any more are forgotten."""
    door = Door()
    closures = Closures(door, store, lambda *_: None)
    await closures.shut("all", 60.0, "")
    closures.adopt(Router(of("route: GET /c")))
    assert door.closed() == ["GET /c"]
    with pytest.raises(Fault, match="neither all, nor a group, nor a route"):
        await closures.shut("GET /a", 60.0, "")
    await store.close()


async def test_what_cannot_be_read_closes_nothing_and_ends_nothing(store: Store) -> None:
    """An entry that a newer gateway wrote, say: the others are heeded all the same."""
    door = Door()
    closures = Closures(door, store, lambda *_: None)
    await store.put("maintenance:GET /b", b"nonsense")
    await closures.start()
    await closures.shut("GET /a", 5.0, "")
    assert door.closed() == ["GET /a"]
    await closures.stop()
    await store.close()


class Down:
    """A store that is away."""

    async def generation(self, space: str) -> int:
        """Fail."""
        raise Fault("store_down", space)


async def test_a_store_that_is_away_opens_nothing_and_hurts_nobody() -> None:
    """What is known stays, and it is told once."""
    told: list[str] = []
    door = Door()
    closures = Closures(door, Down(), lambda _, text: told.append(text))  # type: ignore[arg-type]
    await closures.start()
    await closures._look()
    await closures.stop()
    assert door.closed() == []
    assert len(told) == 1


async def _is(door: Door, closed: list[str]) -> bool:
    return door.closed() == closed
