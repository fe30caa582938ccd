import pytest

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import bundle, frames
from contracts.brokers.rabbitmq.lane.bundles import Bundles
from contracts.brokers.rabbitmq.lane.consumer import ReplyChannel
from contracts.brokers.rabbitmq.properties import read_properties
from contracts.brokers.rabbitmq.splitter import Splitter
from contracts.fault import Fault
from tests.contracts.brokers.rabbitmq.fakes import DeadEnd, deliver


def published(data: bytes) -> list[tuple[str, list[Message]]]:
    """Read frames as the reader of a reply queue does: of each publish its queue and messages."""
    found: list[tuple[str, list[Message]]] = []
    pieces: list[tuple[str, bytes, bytes]] = []
    for kind, _, payload, _, _ in Splitter().feed(data):
        if kind == frames.METHOD:
            at = 7 + payload[6]
            pieces.append((payload[at + 1 : at + 1 + payload[at]].decode(), b"", b""))
        elif kind == frames.HEADER:
            pieces[-1] = (pieces[-1][0], payload, b"")
        else:
            pieces[-1] = (*pieces[-1][:2], pieces[-1][2] + payload)
    for queue, header, body in pieces:
        some: list[Message] = []
        ReplyChannel(DeadEnd(), some.append).on_content(deliver(), header, body)
        found.append((queue, some))
    return found


def message(number: int, size: int = 1) -> Message:
    return Message(body=b"x" * size, correlation_id=f"c-{number}", headers={"x-us": number})


def test_one_message_is_a_message() -> None:
    """What is alone in its turn leaves as it would without bundles."""
    bundles = Bundles(3, 4096)
    bundles.add(message(1), "a.bundles")
    data = bundles.take()
    plain = {"channel": 3, "exchange": "", "mandatory": False, "frame_max": 4096}
    assert data == frames.publish(message(1), routing_key="a.bundles", **plain)  # type: ignore[arg-type]
    assert bundles.take() == b""


def test_many_for_one_queue_are_one_message() -> None:
    """Each queue gets one, with all of its messages in their order."""
    bundles = Bundles(3, 4096)
    for number in range(6):
        bundles.add(message(number), "even" if number % 2 == 0 else "odd")
    assert repr(bundles) == "<Bundles 6 waiting>"
    assert published(bundles.take()) == [
        ("even", [message(0), message(2), message(4)]),
        ("odd", [message(1), message(3), message(5)]),
    ]


def test_a_bundle_lives_as_long_as_the_longest_in_it() -> None:
    """Whatever came first or last; with one that has no end, it has none either."""
    bundles = Bundles(3, 4096)
    for life in (30, 200, 40):
        bundles.add(Message(expiration_ms=life), "q")
        bundles.add(Message(expiration_ms=None if life == 200 else life), "endless")
    heads = [
        payload
        for kind, _, payload, _, _ in Splitter().feed(bundles.take())
        if kind == frames.HEADER
    ]
    assert [read_properties(head, b"").expiration_ms for head in heads] == [200, None]


def test_a_bundle_is_not_too_large() -> None:
    """Beyond a size the next one is begun, and each is cut into frames as any message."""
    bundles = Bundles(3, 4096)
    sent = [message(number, bundle.LARGEST) for number in range(20)]
    for one in sent:
        bundles.add(one, "q")
    found = published(bundles.take())
    assert [len(some) for _, some in found] == [8, 8, 4]
    assert [one for _, some in found for one in some] == sent


def test_what_amqp_cannot_carry_is_told_at_once() -> None:
    """The one that cannot be sent is refused, and harms no other."""
    bundles = Bundles(3, 4096)
    bundles.add(message(1), "q")
    with pytest.raises(Fault, match="type is longer"):
        bundles.add(Message(type="x" * 300), "q")
    assert published(bundles.take()) == [("q", [message(1)])]
