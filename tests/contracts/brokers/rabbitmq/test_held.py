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


def take(held: Held, number: int, *, hold: bool) -> None:
    delivery: Delivery = Numbered(number)  # type: ignore[assignment]
    held.take(delivery, hold=hold)


def numbers(inbox: Inbox) -> list[int]:
    return [delivery.number for delivery in inbox.deliveries]  # type: ignore[attr-defined]


def test_nothing_is_held_without_need(inbox: Inbox) -> None:
    """While the socket takes bytes, a delivery is handed over at once."""
    take(Held(inbox), 1, hold=False)
    assert numbers(inbox) == [1]


def test_what_is_held_keeps_its_order(inbox: Inbox) -> None:
    """What is held comes later, before anything that came after it."""
    held = Held(inbox)
    take(held, 1, hold=True)
    take(held, 2, hold=False)
    assert numbers(inbox) == []
    assert repr(held) == "<Held 2>"
    held.release()
    take(held, 3, hold=False)
    assert numbers(inbox) == [1, 2, 3]
