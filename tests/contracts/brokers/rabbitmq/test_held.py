import pytest

from contracts.brokers.port import Delivery
from contracts.brokers.rabbitmq.held import Held
from tests.contracts.brokers.kit import Inbox


class Numbered:
    """A delivery that is only a number."""

    def __init__(self, number: int) -> None:
        self.number = number


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


class Road:
    """Says whether it is crowded; each delivery that is handed over may crowd it."""

    def __init__(self, inbox: Inbox, room: int) -> None:
        self.inbox = inbox
        self.room = room
        self.held = Held(inbox, self.crowded)

    def crowded(self) -> bool:
        return len(self.inbox.deliveries) >= self.room

    def take(self, *numbers: int) -> None:
        for number in numbers:
            delivery: Delivery = Numbered(number)  # type: ignore[assignment]
            self.held.take(delivery)


def numbers(inbox: Inbox) -> list[int]:
    return [delivery.number for delivery in inbox.deliveries]  # type: ignore[attr-defined]


def test_nothing_is_held_without_need(inbox: Inbox) -> None:
    """While the socket takes bytes, a delivery is handed over at once."""
    Road(inbox, room=1).take(1)
    assert numbers(inbox) == [1]


def test_what_is_held_keeps_its_order(inbox: Inbox) -> None:
    """What is held comes later, before anything that came after it."""
    road = Road(inbox, room=0)
    road.take(1)
    road.room = 9
    road.take(2)
    assert numbers(inbox) == []
    assert repr(road.held) == "<Held 2>"
    road.held.release()
    road.take(3)
    assert numbers(inbox) == [1, 2, 3]


def test_what_is_let_go_may_crowd_the_road_again(inbox: Inbox) -> None:
    """Of many that are held only so many are handed over as there is room for."""
    road = Road(inbox, room=0)
    road.take(1, 2, 3, 4)
    road.room = 2
    road.held.release()
    assert numbers(inbox) == [1, 2]
    road.room = 4
    road.held.release()
    assert numbers(inbox) == [1, 2, 3, 4]
