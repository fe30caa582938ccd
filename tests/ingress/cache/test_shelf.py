"""What the caching routes have in common."""

from ingress.cache.memory import Order
from ingress.cache.shelf import Shelf
from tests.ingress.cache.entries import entry

PLACE = ("shop", "/a", "")


def test_an_order_is_told_once() -> None:
    """Others hear of it, unless it came from them."""
    shelf, told = Shelf(100_000), list[Order]()
    shelf.on_drop = told.append
    order = Order(at=2000.0, path="/a")
    shelf.memory.put(entry())
    assert shelf.drop(order) == 1
    assert shelf.drop(order, told=True) == 0
    assert told == [order]


def test_a_place_is_unstorable_for_a_while() -> None:
    """Then it is tried again."""
    shelf = Shelf(0)
    assert not shelf.unstorable(PLACE, 0.0)
    shelf.remember_unstorable(PLACE, 0.0)
    assert [shelf.unstorable(PLACE, now) for now in (4.9, 5.0, 5.1)] == [True, False, False]


def test_places_that_are_known_are_bounded() -> None:
    """A client cannot fill the memory by asking for many."""
    shelf = Shelf(0)
    for number in range(10_100):
        shelf.remember_unstorable(("shop", f"/{number}", ""), 0.0)
    assert not shelf.unstorable(("shop", "/0", ""), 1.0)
    assert shelf.unstorable(("shop", "/10099", ""), 1.0)
    assert repr(shelf) == "<Shelf 0 answers, 0 calls under way>"
