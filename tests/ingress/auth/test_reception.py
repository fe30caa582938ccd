"""Everything that knows callers, put together."""

from pathlib import Path

import pytest

from contracts.fault import Fault
from contracts.stores.memory import MemoryStore
from ingress import routefile
from ingress.auth.reception import Reception
from ingress.consumers.orders import ConsumerOrder, KeyOrder
from ingress.routefile import RouteFile
from tests.harness.waiting import eventually

ROUTES = "routes: [{route: GET /, operation: a.b}]\nkeys: {secrets: [sixteen letters!]}\n"


def file(more: str = "") -> RouteFile:
    return routefile.parse(f"{ROUTES}{more}".encode(), environment={})


async def test_a_route_file_is_taken_over_and_the_store_is_watched() -> None:
    """What it gives is for the policies."""
    ours, store = Reception(lambda *_: None), MemoryStore()
    shared = ours.adopt(file("auth: {k: {key: {}}}"), Path(), store)
    assert (list(shared["authenticators"]), shared["directory"]) == (["k"], ours.directory)
    await ours.start()
    office = ours.office()
    await office.add_consumer("anna", ConsumerOrder())
    issued = await office.issue(KeyOrder(consumer="anna"))
    await eventually(lambda: ours.directory.holder(issued["key"]))
    await ours.stop()
    assert repr(ours) == "<Reception <Registry k>, <Directory 1 consumers, 1 keys>>"


async def test_without_authenticators_nobody_asks_the_store() -> None:
    """A reload that brings one begins to."""
    ours, store = Reception(lambda *_: None), MemoryStore()
    ours.adopt(file(), Path(), store)
    await ours.start()
    office = ours.office()
    await office.add_consumer("anna", ConsumerOrder())
    key = (await office.issue(KeyOrder(consumer="anna")))["key"]
    assert ours.directory.holder(key) is None
    ours.adopt(file("auth: {k: {key: {}}}"), Path(), store)

    def known() -> bool:
        try:
            return ours.directory.holder(key) is not None
        except Fault:
            return False

    await eventually(known)
    await ours.stop()


async def test_no_office_without_a_store() -> None:
    """It comes with the route file."""
    with pytest.raises(AssertionError):
        Reception(lambda *_: None).office()
