"""What can be done with dead letters."""

import asyncio

import pytest

from contracts.brokers.port import Delivery, Message, Queue
from contracts.fault import Fault
from ingress import dlq
from ingress.dlq import Order, Tally
from ingress.letters import Filter
from tests.harness.waiting import eventually
from tests.ingress.graveyard import dead, graveyard, held, ids
from tests.ingress.scripted import plan

EVERY = Order()


async def test_a_survey_counts_by_reason_and_leaves_all_in_place() -> None:
    """A survey tells how many there are, why, and how old, and changes nothing."""
    letters = [dead("1", "expired", ago=60), dead("2"), dead("3", ago=10)]
    async with graveyard(*letters) as (broker, _):
        found = await dlq.survey(broker, "shop.dead")
        assert found is not None
        assert (found.messages, found.looked) == (3, 3)
        assert found.reasons == {"worker_error": 2, "expired": 1}
        assert 58_000 < found.newest - found.oldest < 62_000
        assert await ids(broker) == ["1", "2", "3"]
        assert await dlq.survey(broker, "nowhere") is None
        part = await dlq.survey(broker, "shop.dead", most=1)
        assert part is not None
        assert (part.messages, part.looked) == (3, 1)


async def test_looking_gives_the_oldest_that_fit() -> None:
    """Letters are looked at in their order, as many as are asked for."""
    async with graveyard(dead("1"), dead("2", "expired"), dead("3"), dead("4")) as (broker, _):
        found = await dlq.look(broker, "shop.dead", Filter(reason="worker_error"), limit=2)
        assert [letter.id for letter in found] == ["1", "3"]
        with pytest.raises(Fault, match="no_route"):
            await dlq.look(broker, "nowhere", Filter(), limit=1)


async def test_letters_go_to_the_queue_they_came_from() -> None:
    """A letter sent again is in its old queue, without its old deadline, and marked."""
    async with graveyard(dead("1"), dead("2", "expired")) as (broker, _):
        steps: list[tuple[str, str, str]] = []
        tally = await dlq.requeue(
            broker,
            "shop.dead",
            Order(filter=Filter(reason="worker_error")),
            lambda _, letter, target, why: steps.append((letter.id, target, why)),
        )
        assert repr(tally) == "<Tally looked=2/2 fitting=1 done=1 failed=0>"
        assert steps == [("1", "shop", "")]
        (again,) = await held(broker, "shop")
        assert (again.requeued, again.message.reply_to) == (1, "")
        assert "x-deadline" not in again.message.headers
        assert await ids(broker) == ["2"]


async def test_a_letter_may_go_elsewhere_with_a_new_deadline() -> None:
    """``to`` names another queue, and ``timeout`` gives a deadline."""
    async with graveyard(dead("1")) as (broker, _):
        await broker.declare(Queue(name="other"))
        await dlq.requeue(broker, "shop.dead", Order(to="other", timeout=60))
        (again,) = await held(broker, "other")
        assert again.message.expiration_ms == 60_000


async def test_what_cannot_be_sent_stays() -> None:
    """A letter whose queue is gone, is unknown, or is this one stays, with the reason told."""
    letters = [dead("1", queue="gone"), Message(message_id="2"), dead("3", queue="shop.dead")]
    async with graveyard(*letters, dead("4")) as (broker, _):
        tally = await dlq.requeue(broker, "shop.dead", EVERY)
        assert (tally.done, tally.failed, tally.stopped) == (1, 3, "")
        assert [name for name, _ in tally.failures] == ["1", "2", "3"]
        assert "does not say where it came from" in tally.failures[1][1]
        assert await ids(broker) == ["1", "2", "3"]


async def test_a_dry_run_changes_nothing() -> None:
    """A dry run says how many would be sent, or dropped."""
    async with graveyard(dead("1"), dead("2")) as (broker, _):
        for act in (dlq.requeue, dlq.drop):
            tally = await act(broker, "shop.dead", Order(dry_run=True))
            assert (tally.fitting, tally.done) == (2, 0)
        assert await ids(broker) == ["1", "2"]


async def test_a_letter_that_dies_again_at_once_is_not_met_again() -> None:
    """An order ends even when each letter is back before the next is taken."""
    async with graveyard(dead("1"), dead("2")) as (broker, _):

        def die_again(delivery: Delivery) -> None:
            delivery.publish(dead("again"), "shop.dead")
            delivery.ack()

        await broker.consume("shop", die_again, prefetch=1)
        tally = await dlq.requeue(broker, "shop.dead", EVERY)
        assert tally.done == 2


async def test_dropped_letters_are_gone() -> None:
    """Only what fits is dropped, and at most as many as allowed."""
    async with graveyard(dead("1"), dead("2", "expired"), dead("3"), dead("4")) as (broker, _):
        tally = await dlq.drop(
            broker, "shop.dead", Order(filter=Filter(reason="worker_error"), limit=2)
        )
        assert (tally.done, tally.looked) == (2, 3)
        assert await ids(broker) == ["2", "4"]


async def test_a_broker_that_goes_down_ends_the_order_and_loses_nothing() -> None:
    """When the broker goes, the tally says how far it got, and the rest is where it was."""
    async with graveyard(dead("1"), dead("2"), dead("3")) as (broker, hub):
        tally = await dlq.requeue(broker, "shop.dead", EVERY, lambda *_: hub.drop(broker))
        assert (tally.done, tally.looked) == (1, 1)
        assert "broker_down" in tally.stopped
        await broker.ready(5)
        assert await ids(broker) == ["2", "3"]


async def test_a_blocked_broker_ends_the_order() -> None:
    """A broker that takes no messages would refuse each letter, so the first is enough."""
    async with graveyard(dead("1"), dead("2")) as (broker, hub):
        hub.block()
        tally = await dlq.requeue(broker, "shop.dead", EVERY)
        assert (tally.looked, tally.failed) == (1, 1)
        assert "broker_blocked" in tally.stopped
        assert await ids(broker) == ["1", "2"]


async def test_a_cancelled_order_tells_how_far_it_got() -> None:
    """Ctrl-C in the middle leaves a tally of what was done, and every letter in one queue."""
    async with graveyard(*[dead(str(number)) for number in range(9)]) as (broker, _):
        tally = Tally()
        order = asyncio.create_task(dlq.requeue(broker, "shop.dead", Order(rate=50), None, tally))
        await eventually(lambda: tally.done >= 3)
        order.cancel()
        with pytest.raises(asyncio.CancelledError):
            await order
        sent, kept = await ids(broker, "shop"), await ids(broker)
        assert len(sent) == tally.done
        assert sorted(sent + kept) == [str(number) for number in range(9)]


async def test_a_rate_is_kept() -> None:
    """No more letters a second are sent than allowed."""
    async with graveyard(*[dead(str(number)) for number in range(6)]) as (broker, _):
        began = asyncio.get_running_loop().time()
        await dlq.requeue(broker, "shop.dead", Order(rate=50))
        assert asyncio.get_running_loop().time() - began >= 5 / 50


async def test_patience_has_an_end() -> None:
    """After ``patience`` seconds no further letter is begun."""
    async with graveyard(dead("1"), dead("2"), dead("3")) as (broker, _):
        tally = await dlq.requeue(broker, "shop.dead", Order(rate=1, patience=0.5))
        assert tally.done == 1
        assert tally.stopped == "0.5 s are over"


def test_the_queues_of_the_routes() -> None:
    """Each queue of the routes has its dead letters, once, and ``orders`` is ``orders.dead``."""
    assert dlq.queues_of([plan(), plan()]) == [dlq.queue_of(plan().target.routing_key)]
    assert dlq.queue_of("orders") == dlq.queue_of("orders.dead") == "orders.dead"
