from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest

from contracts.brokers.port import Queue
from workers.binding import ServiceError
from workers.service import Service


class Item(msgspec.Struct):
    sku: str


def test_a_function_becomes_an_operation_and_stays_itself() -> None:
    """The decorator registers a function under its name, and gives it back unchanged."""
    service = Service("shop")

    @service.operation(status=201, idempotent=True, faults=["out_of_tea"])
    def add(item: Item, shelf: int = 0) -> Item:
        """Add an item.

        And more.
        """
        return item

    assert add(Item("tea")) == Item("tea")
    (operation,) = service.operations
    assert operation.name == "shop.add"
    assert operation.summary == "Add an item."
    assert (operation.status, operation.idempotent) == (201, True)
    assert operation.faults == ("out_of_tea",)
    assert operation.request is not None
    assert operation.parameters == {"shelf": {"type": "integer"}}
    assert operation.required == ()


def test_the_decorator_works_without_parentheses_and_under_another_name() -> None:
    """It can be used bare; ``name`` replaces the function's name; None is 204."""
    service = Service("shop")

    @service.operation
    async def add() -> None: ...

    @service.operation(name="list", summary="All of it.")
    async def list_items() -> list[Item]:
        return []

    assert [(o.name, o.status) for o in service.operations] == [
        ("shop.add", 204),
        ("shop.list", 200),
    ]
    assert service.operations[1].summary == "All of it."


def test_a_bundle_has_no_more_calls_than_run_at_a_time() -> None:
    """None of them should wait for a place that it would have had in another worker."""
    assert Service("shop").bundle == 32
    assert Service("shop", bundle=500).bundle == 32
    assert Service("shop", concurrency=7).bundle == 7
    assert Service("shop", prefetch=1).bundle == 1
    assert Service("shop", bundle=1).bundle == 1
    assert [lane.bundle for lane in Service("shop", lanes=2).in_lanes()] == [1, 1]
    with pytest.raises(ServiceError, match="bundle is at least 1"):
        Service("shop", bundle=0)


def test_the_queue_and_the_prefetch_follow_from_name_and_concurrency() -> None:
    """Without more words the queue has the service's name, and prefetch is the concurrency."""
    plain, other = Service("shop", concurrency=7), Service("shop", queue="q", prefetch=9)
    assert (plain.queue, plain.prefetch) == ("shop", 7)
    assert (other.queue, other.prefetch, other.concurrency) == ("q", 9, 100)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"name": "a.b"}, "letters, digits"),
        ({"name": ""}, "letters, digits"),
        ({"name": "s", "concurrency": 0}, "at least 1"),
        ({"name": "s", "prefetch": 0}, "at least 1"),
        ({"name": "s", "dialect": "rwa"}, "did you mean 'raw'"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], message: str) -> None:
    """A name with a dot, no concurrency, a dialect that there is not: an error at import."""
    with pytest.raises(ServiceError, match=message):
        Service(**settings)


async def stream() -> AsyncIterator[int]:
    yield 1


def generate() -> Iterator[int]:
    yield 1


def fine() -> None: ...


@pytest.mark.parametrize(
    "function, settings, message",
    [
        (stream, {}, "cannot be a generator"),
        (generate, {}, "cannot be a generator"),
        (fine, {"status": 99}, "from 200 to 599"),
        (fine, {"name": "a.b"}, "cannot be the name"),
        (fine, {"name": "taken"}, "two operations shop.taken"),
        (lambda: None, {}, "cannot be the name"),
    ],
)
def test_an_operation_that_cannot_be_is_refused(
    function: Any, settings: dict[str, Any], message: str
) -> None:
    """Generators, impossible statuses and names, and names that are taken: an error at import."""
    service = Service("shop")
    service.operation(name="taken")(fine)
    with pytest.raises(ServiceError, match=message):
        service.operation(**settings)(function)


def test_the_repr_tells_what_is_offered() -> None:
    """The repr tells operations, queue and concurrency."""
    service = Service("shop", concurrency=2)
    assert repr(service) == "<Service shop: no operations (queue shop, concurrency 2)>"
    service.operation(name="add")(fine)
    assert repr(service) == "<Service shop: add (queue shop, concurrency 2)>"


def test_a_queue_may_have_settings() -> None:
    """They are those of the declaration; its dead letters are replicated when it is."""
    asked = Queue(name="work", quorum=True, max_length=10)
    service = Service("shop", queue=asked)
    assert (service.queue, service.work) == ("work", asked)
    assert service.dead_letters == Queue(name="work.dead", quorum=True)
    assert Service("shop").work == Queue(name="shop")
    assert Service("shop").dead_letters == Queue(name="shop.dead")


@pytest.mark.parametrize(
    "settings", [{"durable": False}, {"auto_delete": True}, {"passive": True}, {"max_length": 0}]
)
def test_a_queue_that_could_lose_accepted_work_is_refused(settings: dict[str, Any]) -> None:
    """A queue that goes by itself, or holds nothing, is no queue for a service."""
    with pytest.raises(ServiceError, match="queue work: "):
        Service("shop", queue=Queue(name="work", **settings))


@pytest.mark.parametrize(
    "settings", [{"max_priority": 0}, {"max_priority": 10}, {"max_priority": 5, "quorum": True}]
)
def test_priorities_are_those_that_the_broker_has(settings: dict[str, Any]) -> None:
    """From 1 to 9, and in classic queues."""
    with pytest.raises(ServiceError, match="queue work: "):
        Service("shop", queue=Queue(name="work", **settings))
    assert Service("shop", queue=Queue(name="work", max_priority=9)).work.max_priority == 9


def test_a_service_in_lanes_is_one_for_each_queue() -> None:
    """Each has one consumer at a time, and runs one call after the other."""
    service = Service("shop", lanes=2)
    lanes = service.in_lanes()
    assert [lane.queue for lane in lanes] == ["shop.0", "shop.1"]
    assert lanes[1].work == Queue(name="shop.1", single_active=True)
    assert lanes[1].dead_letters.name == "shop.1.dead"
    assert [(lane.concurrency, lane.prefetch) for lane in lanes] == [(1, 1), (1, 1)]
    assert lanes[0].endpoints is service.endpoints
    assert Service("shop").in_lanes()[0].queue == "shop"
    with pytest.raises(ServiceError, match="lanes are from 1 to 256"):
        Service("shop", lanes=0)
