"""Managing consumers, keys and usage plans."""

import time
from collections.abc import Awaitable
from typing import Any

import pytest

from contracts.fault import Fault
from contracts.stores.memory import MemoryStore
from ingress.auth.refusal import Refused
from ingress.consumers import moment
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Directory, Known
from ingress.consumers.office import Office
from ingress.consumers.orders import ConsumerOrder, KeyOrder, PlanOrder, RotateOrder
from ingress.consumers.records import Consumer, Key, UsagePlan
from ingress.consumers.roster import Roster

DIGESTS = Digests(["sixteen letters!"])
FILE = Known(
    (Consumer(name="fay"),),
    (Key(id="fay-1", consumer="fay", digest=b"", secret=DIGESTS.name),),
    (UsagePlan(name="free", rates=("1/s",)),),
)


class Place:
    """An office, and the directory as a gateway would have it now."""

    def __init__(self, digests: Digests = DIGESTS) -> None:
        self.roster = Roster(MemoryStore())
        self.office = Office(self.roster, FILE, digests, "acme")

    async def holder(self, key: str) -> str:
        """Say whose key it is now."""
        directory = Directory()
        directory.declare(FILE, DIGESTS)
        directory.learn(await self.roster.load())
        found = directory.holder(key)
        return found.id if found else ""


async def refused(order: Awaitable[Any]) -> tuple[str, str]:
    with pytest.raises(Fault) as caught:
        await order
    return caught.value.code, caught.value.detail


async def test_a_consumer_is_added_changed_and_removed() -> None:
    """What an order does not name stays; its keys go with it."""
    place = Place()
    office = place.office
    await office.add_consumer("anna", ConsumerOrder(groups=("a",), description="the shop"))
    changed = await office.set_consumer("anna", ConsumerOrder(roles=("r",), plan="free"))
    assert (changed["groups"], changed["roles"], changed["plan"]) == (["a"], ["r"], "free")
    key = (await office.issue(KeyOrder(consumer="anna")))["key"]
    assert await place.holder(key) == "anna"
    assert [one["name"] for one in await office.consumers()] == ["anna", "fay"]
    shown = await office.consumer("anna")
    assert (shown["origin"], len(shown["keys"])) == ("store", 1)
    removed = await office.remove_consumer("anna")
    assert removed["keys"] == [shown["keys"][0]["id"]]
    assert await place.holder(key) == ""
    assert await office.keys("anna") == []


async def test_a_key_is_shown_once() -> None:
    """It works, it has the prefix, and no list has it again."""
    place = Place()
    issued = await place.office.issue(KeyOrder(consumer="fay", label="ci", expires_in=60.0))
    assert issued["key"].startswith("acme_")
    assert await place.holder(issued["key"]) == "fay"
    listed = await place.office.keys("fay")
    assert [one["id"] for one in listed] == ["fay-1", issued["id"]]
    assert issued["key"] not in str(listed)
    assert (listed[1]["label"], listed[1]["state"], listed[1]["last_used"]) == (
        "ci",
        "active",
        None,
    )
    assert moment.read(listed[1]["expires"]) == pytest.approx(time.time() + 60, abs=5)


async def test_a_rotated_key_serves_until_the_overlap_is_over() -> None:
    """The new one at once; what was given for a time is given for as long again."""
    place = Place()
    old = await place.office.issue(KeyOrder(consumer="fay", label="ci", expires_in=3600.0))
    new = await place.office.rotate(old["id"], RotateOrder(overlap=60.0))
    assert (new["replaces"], new["label"]) == (old["id"], "ci")
    assert moment.read(new["expires"]) == pytest.approx(time.time() + 3600, abs=5)
    assert moment.read(new["overlap_until"]) == pytest.approx(time.time() + 60, abs=5)
    assert [await place.holder(one["key"]) for one in (old, new)] == ["fay", "fay"]
    at_once = await place.office.rotate(new["id"], RotateOrder(overlap=0.0, expires_in=5.0))
    with pytest.raises(Refused, match="expired"):
        await place.holder(new["key"])
    assert await place.holder(at_once["key"]) == "fay"


async def test_an_overlap_does_not_make_a_key_live_longer() -> None:
    """It ended before, and still does."""
    place = Place()
    old = await place.office.issue(KeyOrder(consumer="fay", expires_in=10.0))
    new = await place.office.rotate(old["id"], RotateOrder(overlap=3600.0))
    assert moment.read(new["overlap_until"]) < time.time() + 60


async def test_a_revoked_key_is_nobodys() -> None:
    """Revoking it twice is told."""
    place = Place()
    issued = await place.office.issue(KeyOrder(consumer="fay"))
    assert (await place.office.revoke(issued["id"]))["revoked"]
    assert await place.holder(issued["key"]) == ""
    assert (await refused(place.office.revoke(issued["id"])))[0] == "not_found"


async def test_a_usage_plan_is_set_and_removed() -> None:
    """But not from under a consumer that is on it."""
    office = Place().office
    await office.set_plan("gold", PlanOrder(rates=("10/s",), quotas=("1000/day",)))
    changed = await office.set_plan("gold", PlanOrder(concurrent=5, routes=("GET /*",)))
    assert (changed["rates"], changed["concurrent"], changed["routes"]) == (["10/s"], 5, ["GET /*"])
    assert [one["name"] for one in await office.plans()] == ["free", "gold"]
    assert (await office.plan("gold"))["origin"] == "store"
    missing = ("conflict", "there is no usage plan gld: add it first")
    assert await refused(office.add_consumer("anna", ConsumerOrder(plan="gld"))) == missing
    await office.add_consumer("anna", ConsumerOrder(plan="gold"))
    assert await refused(office.set_consumer("anna", ConsumerOrder(plan="gld"))) == missing
    assert await refused(office.remove_plan("gold")) == (
        "conflict",
        "anna would be left without a usage plan",
    )
    await office.set_consumer("anna", ConsumerOrder(plan=""))
    assert (await office.remove_plan("gold"))["removed"]
    assert (await refused(office.plan("gold")))[0] == "not_found"


async def test_what_the_file_says_is_changed_there() -> None:
    """Or two places would say different things."""
    office = Place().office
    for order in (
        office.add_consumer("fay", ConsumerOrder()),
        office.set_consumer("fay", ConsumerOrder()),
        office.remove_consumer("fay"),
        office.rotate("fay-1", RotateOrder()),
        office.revoke("fay-1"),
        office.set_plan("free", PlanOrder()),
        office.remove_plan("free"),
    ):
        code, detail = await refused(order)
        assert (code, detail.endswith("the route file's: change it there")) == ("conflict", True)


async def test_what_is_not_there_is_told() -> None:
    """Nothing is made by a mistyped name."""
    office = Place().office
    for order in (
        office.consumer("x"),
        office.set_consumer("x", ConsumerOrder()),
        office.remove_consumer("x"),
        office.issue(KeyOrder(consumer="x")),
        office.rotate("x", RotateOrder()),
        office.remove_plan("x"),
    ):
        code, detail = await refused(order)
        assert (code, detail.startswith("there is no ")) == ("not_found", True)


async def test_what_cannot_be_is_told() -> None:
    """Names, a consumer that is there, and a plan's numbers."""
    office = Place().office
    await office.add_consumer("anna", ConsumerOrder())
    assert (await refused(office.add_consumer("anna", ConsumerOrder())))[0] == "conflict"
    assert (await refused(office.add_consumer("a b", ConsumerOrder())))[0] == "invalid_body"
    code, detail = await refused(office.set_plan("gold", PlanOrder(concurrent=10**8)))
    assert (code, detail.startswith("concurrent: ")) == ("invalid_body", True)


async def test_no_key_is_issued_that_would_not_last() -> None:
    """Without a secret in the route file its digest would be worth nothing tomorrow."""
    code, detail = await refused(Place(Digests()).office.issue(KeyOrder(consumer="fay")))
    assert (code, "keys.secrets" in detail) == ("conflict", True)


async def test_changes_at_one_time_do_not_undo_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second reads again, and after some tries says so."""
    place = Place()
    await place.office.add_consumer("anna", ConsumerOrder())
    real, others = Roster.replace, 1

    async def slow(roster: Roster, record: Consumer, version: int) -> bool:
        nonlocal others
        if others:
            others -= 1
            await roster.put(Consumer(name="anna", groups=("others",)))
        return await real(roster, record, version)

    monkeypatch.setattr(Roster, "replace", slow)
    changed = await place.office.set_consumer("anna", ConsumerOrder(roles=("r",)))
    assert (changed["groups"], changed["roles"]) == (["others"], ["r"])
    others = 100
    assert (await refused(place.office.set_consumer("anna", ConsumerOrder())))[0] == "conflict"
    assert "Office" in repr(place.office)
