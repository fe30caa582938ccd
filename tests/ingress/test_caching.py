"""The cache of a gateway process, put together."""

import pytest

from contracts import logs
from contracts.stores import open_store
from ingress import admin, routefile
from ingress.cache.memory import Order
from ingress.caching import Caching, caches
from ingress.flow import Flow
from ingress.observers.metrics import Metrics
from tests.ingress.cache.entries import entry
from tests.ingress.scraped import figures

ROUTE = "routes: [{route: GET /a, operation: a.b, cache: {}}]"


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def caching(said: list[str]) -> Caching:
    logger = logs.configure(format="text", level="INFO")
    logger.add(lambda message: said.append(str(message)), format="{level} {message}")
    return Caching(logger)


async def test_it_is_joined_to_others_by_a_store_that_is_shared(caching: Caching) -> None:
    """The memory stays the same over a reload."""
    text = f"store: sqlite:x\ncache: {{size: 2MiB}}\n{ROUTE}"
    route_file = routefile.parse(text.encode(), environment={})
    shelf = caching.open(route_file, open_store("memory://"), 2)
    assert shelf.memory.room == 2 * 1024**2
    assert shelf.on_drop is not None
    assert shelf.remote is None
    caching.start()
    assert caching.open(route_file, open_store("memory://"), 2) is shelf
    await caching.stop()


async def test_without_one_each_process_is_alone(caching: Caching, said: list[str]) -> None:
    """Several are told so, if any route has a cache."""
    plain = routefile.parse(b"routes: [{route: GET /a, operation: a.b}]", environment={})
    cached = routefile.parse(ROUTE.encode(), environment={})
    assert (caches(plain), caches(cached)) == (False, True)
    caching.open(plain, open_store("memory://"), 2)
    caching.open(cached, open_store("memory://"), 1)
    assert said == []
    shelf = caching.open(cached, open_store("memory://"), 2)
    assert shelf.on_drop is None
    assert "give them a `store`" in said[0]
    caching.start()
    await caching.stop()


async def test_operators_see_it(caching: Caching, said: list[str]) -> None:
    """In metrics, and who dropped what in the log."""

    async def run(_: Flow) -> None: ...

    route_file = routefile.parse(ROUTE.encode(), environment={})
    shelf = caching.open(route_file, open_store("memory://"), 1)
    metrics = Metrics()
    caching.serve(run, admin.build(dict, figures, "text/plain", dict), metrics)
    shelf.memory.put(entry())
    caching.pour()
    assert f"queuegate_cache_bytes {float(entry().cost)}" in metrics.render().decode()
    caching._on_purge("anna", Order(at=1.0, tag="x"), 2)
    assert "anna dropped 2 cached answers: tag x\n" in said[0]
