"""The answers that a process keeps."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingress.cache.entry import Entry
from ingress.cache.memory import Memory, Order
from tests.ingress.cache.entries import entry

LATER = 2000.0


def find(memory: Memory, path: str = "/a", part: str = "", **said: str) -> Entry | None:
    return memory.find("shop", path, part, tuple(said.items()))


def test_an_answer_is_found_by_what_was_asked() -> None:
    """Host, path and part; nothing else finds it."""
    memory = Memory(100_000)
    memory.put(entry())
    assert find(memory) is not None
    assert find(memory, "/b") is None
    assert find(memory, part="x=1") is None
    assert memory.find("other", "/a", "", ()) is None


def test_a_newer_answer_takes_the_place_of_the_old() -> None:
    """For the same request there is one."""
    memory = Memory(100_000)
    memory.put(entry(body=b"old"))
    memory.put(entry(body=b"new"))
    found = find(memory)
    assert found is not None
    assert (found.body, len(memory), memory.used) == (b"new", 1, found.cost)


def test_vary_selects() -> None:
    """Each variant is found by its request; the newest that fits is taken."""
    memory = Memory(100_000)
    memory.put(entry(body=b"de", vary=("accept-language",), varied=("de",)))
    memory.put(entry(body=b"en", vary=("accept-language",), varied=("en",)))
    for language in ("de", "en"):
        found = memory.find("shop", "/a", "", (("accept-language", language),))
        assert found is not None
        assert found.body == language.encode()
    assert find(memory) is None
    assert memory.varies("shop", "/a", "") == ("accept-language",)
    assert memory.varies("shop", "/b", "") == ()


def test_variants_of_one_place_are_bounded() -> None:
    """A client cannot fill the memory with one path, nor make looking slow."""
    memory = Memory(10_000_000)
    for number in range(200):
        memory.put(entry(vary=("x",), varied=(str(number),)))
    assert len(memory) == 64


@pytest.mark.parametrize(
    "order, left",
    [
        (Order(at=LATER, path="/a"), 2),
        (Order(at=LATER, path="/a", host="shop"), 2),
        (Order(at=LATER, path="/a", host="other"), 4),
        (Order(at=LATER, prefix="/a"), 1),
        (Order(at=LATER, tag="tea"), 2),
        (Order(at=LATER, tag="none"), 4),
        (Order(at=LATER, all=True), 0),
        (Order(at=LATER), 4),
        (Order(at=1.0, all=True), 4),
    ],
)
def test_answers_are_dropped(order: Order, left: int) -> None:
    """By path with all its queries, by prefix, by tag, or all; what came later stays."""
    memory = Memory(100_000)
    memory.put(entry())
    memory.put(entry(part="x=1", tags=("tea",)))
    memory.put(entry(path="/ab"))
    memory.put(entry(path="/b", tags=("tea", "pot")))
    assert memory.drop(order) == 4 - left
    assert len(memory) == left == sum(1 for _ in memory.entries())


def test_an_order_reaches_what_is_on_its_way() -> None:
    """Its tags are not known yet, so an order by tag reaches all."""
    assert Order(at=1.0, tag="tea").reaches("shop", "/a")
    assert Order(at=1.0, path="/a").reaches("shop", "/a")
    assert not Order(at=1.0, path="/a", host="other").reaches("shop", "/a")
    assert not Order(at=1.0).reaches("shop", "/a")


def test_an_order_says_what_it_drops() -> None:
    """In the log, to people."""
    assert Order(at=1.0, all=True).what == "all"
    assert Order(at=1.0, path="/a", host="shop").what == "path /a of shop"


def test_one_answer_can_be_forgotten() -> None:
    """That very one, and not what took its place."""
    memory = Memory(100_000)
    old, new = entry(), entry()
    memory.put(old)
    memory.put(new)
    memory.forget(old)
    assert len(memory) == 1
    memory.forget(new)
    assert (len(memory), memory.used) == (0, 0)
    assert repr(memory) == "<Memory 0 places, 0 of 100000 bytes>"


class Kept(RuleBasedStateMachine):
    """Whatever is put and dropped: all that is there is found, and no byte is lost count of."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory(40_000)
        self.now = 1000.0

    @rule(path=st.sampled_from("abc"), part=st.sampled_from("xy"), size=st.integers(0, 30_000))
    def put(self, path: str, part: str, size: int) -> None:
        self.now += 1
        tags = (f"t{size % 3}",)
        self.memory.put(
            entry(path=f"/{path}", part=part, body=b"x" * size, tags=tags, stored=self.now)
        )

    @rule(path=st.sampled_from("abc"))
    def drop_path(self, path: str) -> None:
        self.memory.drop(Order(at=self.now, path=f"/{path}", host="shop"))
        assert all(one.path != f"/{path}" for one in self.memory.entries())

    @rule(tag=st.sampled_from(["t0", "t1", "t2"]))
    def drop_tag(self, tag: str) -> None:
        self.memory.drop(Order(at=self.now, tag=tag))
        assert all(tag not in one.tags for one in self.memory.entries())

    @invariant()
    def all_is_in_order(self) -> None:
        there = list(self.memory.entries())
        assert self.memory.used == sum(one.cost for one in there) <= self.memory.room
        for one in there:
            assert self.memory.find(one.host, one.path, one.part, ()) is one
        tagged = {id(slot.item) for slots in self.memory._tags.values() for slot in slots}
        assert tagged == {id(one) for one in there}


TestKept = Kept.TestCase
TestKept.settings = settings(max_examples=30, stateful_step_count=30)
