"""The contract suite on calls that leave together: each arrives, and is settled, by itself."""

from collections.abc import Iterable

from contracts.brokers.port import Broker, Delivery, Message, Pull, Queue
from tests.contracts.brokers.kit import Inbox, Kit, consuming, ready_messages, up
from tests.harness.waiting import eventually

LOT = 8


async def asking(kit: Kit) -> tuple[Broker, list[Message], list[str]]:
    """Make a client with a reply queue, and give what it hears: answers, and ids not taken."""
    gateway = kit.client()
    heard: list[Message] = []
    refused: list[str] = []
    gateway.replies(heard.append, lambda number, _: refused.append(number))
    gateway.start()
    await gateway.ready(10)
    return gateway, heard, refused


def ask(gateway: Broker, queue: str, numbers: Iterable[int], **settings: object) -> None:
    """Ask in one turn of the loop."""
    for number in numbers:
        message = Message(
            correlation_id=str(number),
            body=b"%d" % number,
            headers={"x-operation": "a.b", "x-deadline": number},
            expiration_ms=60_000 + number,
            **settings,  # type: ignore[arg-type]
        )
        gateway.ask(message, queue, lot=LOT)


async def taken(pull: Pull, count: int) -> list[Delivery]:
    """Take so many, which must be there."""
    found = [await pull.take() for _ in range(count)]
    assert None not in found
    return [one for one in found if one is not None]


async def rest(kit: Kit, queue: str) -> Inbox:
    """Consume what is left, all of it."""
    client, inbox = await up(kit), Inbox(ack=True)
    await client.consume(queue, inbox, prefetch=100)
    return inbox


class BundlesContract:
    """Asking many at a time."""

    async def test_calls_that_leave_together_come_one_by_one(self, kit: Kit) -> None:
        """Each is a delivery as it was sent, in order, however many there are; and answered so."""
        gateway, heard, refused = await asking(kit)
        worker, inbox = await up(kit), Inbox()
        await consuming(worker, "q", inbox, prefetch=100)
        ask(gateway, "q", range(20), reply_to="elsewhere")
        await inbox.wait(20)
        assert inbox.bodies == [b"%d" % number for number in range(20)]
        one = inbox.deliveries[13]
        assert (one.queue, one.redelivered) == ("q", False)
        message = one.message
        assert (message.correlation_id, message.reply_to) == ("13", "elsewhere")
        assert message.headers == {"x-operation": "a.b", "x-deadline": 13}
        for delivery in inbox.deliveries:
            delivery.ack()
            delivery.ack()
        assert (heard, refused) == ([], [])
        await worker.close()
        await gateway.declare(Queue(name="q"))
        assert await ready_messages(gateway, "q") == 0

    async def test_none_of_what_is_not_settled_is_lost_with_its_worker(self, kit: Kit) -> None:
        """What comes in one message comes again when its worker dies before all is settled."""
        gateway, _, _ = await asking(kit)
        worker, inbox = await up(kit), Inbox()
        await consuming(worker, "q", inbox, prefetch=100)
        ask(gateway, "q", range(4))
        first, *others = await inbox.wait(4)
        for delivery in others:
            delivery.ack()
        await kit.kill(worker)
        left = await rest(kit, "q")
        await eventually(lambda: first.message.body in left.bodies)
        assert all(one.redelivered for one in left.deliveries)

    async def test_one_is_given_back_alone(self, kit: Kit) -> None:
        """One that is rejected comes again, as one that came before; the others do not."""
        gateway, _, _ = await asking(kit)
        worker, inbox = await up(kit), Inbox()
        await consuming(worker, "q", inbox, prefetch=100)
        ask(gateway, "q", range(4))
        await inbox.wait(4)
        for delivery in inbox.deliveries[:4]:
            if delivery.message.body == b"2":
                delivery.reject(requeue=True)
            else:
                delivery.ack()
        await inbox.wait(5)
        again = inbox.deliveries[4]
        assert again.message.body == b"2"
        assert again.redelivered or again.message.headers["x-attempts"] == 1
        again.ack()

    async def test_each_of_those_that_no_queue_takes_is_told(self, kit: Kit) -> None:
        """When there is no such queue every call hears of it, by its id."""
        gateway, _, refused = await asking(kit)
        ask(gateway, "nowhere", range(5))
        await eventually(lambda: len(refused) == 5)
        assert refused == ["0", "1", "2", "3", "4"]

    async def test_each_queue_gets_its_own(self, kit: Kit) -> None:
        """Calls to several queues in one turn go where they are sent to."""
        gateway, _, _ = await asking(kit)
        worker, even, odd = await up(kit), Inbox(ack=True), Inbox(ack=True)
        await consuming(worker, "even", even)
        await consuming(worker, "odd", odd)
        for number in range(10):
            ask(gateway, "odd" if number % 2 else "even", [number])
        await even.wait(5)
        await odd.wait(5)
        assert even.bodies == [b"0", b"2", b"4", b"6", b"8"]
        assert odd.bodies == [b"1", b"3", b"5", b"7", b"9"]

    async def test_they_are_taken_by_hand_one_by_one(self, kit: Kit) -> None:
        """A pull gives one at a time; after its close what is not settled is there again."""
        gateway, _, _ = await asking(kit)
        await gateway.declare(Queue(name="q"))
        ask(gateway, "q", range(5))
        pull = await gateway.pull("q")
        await eventually(lambda: _some_are_there(gateway))
        settled, kept = await taken(pull, 2)
        settled.ack()
        assert kept.message.body == b"1"
        await pull.close()
        inbox = await rest(kit, "q")
        await inbox.wait(4)
        assert sorted(inbox.bodies) == [b"1", b"2", b"3", b"4"]

    async def test_a_look_changes_nothing(self, kit: Kit) -> None:
        """A pull that settles nothing leaves all as it was."""
        gateway, _, _ = await asking(kit)
        await gateway.declare(Queue(name="q"))
        ask(gateway, "q", range(5))
        await eventually(lambda: _some_are_there(gateway))
        pull = await gateway.pull("q")
        await taken(pull, 2)
        await pull.close()
        inbox = await rest(kit, "q")
        await inbox.wait(5)
        assert inbox.bodies == [b"0", b"1", b"2", b"3", b"4"]


async def _some_are_there(client: Broker) -> bool:
    return await ready_messages(client, "q") > 0
