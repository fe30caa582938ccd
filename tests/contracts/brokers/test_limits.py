from typing import Any

import pytest

from contracts.brokers.limits import check, check_queue_name, queue_name
from contracts.brokers.port import Message
from contracts.fault import Fault


@pytest.mark.parametrize("text", ["x" * 255, "é" * 127, ""])
def test_255_bytes_fit(text: str) -> None:
    """255 bytes of UTF-8 fit into a property and a routing key."""
    check(Message(correlation_id=text, headers={"a": text * 9}), text)


@pytest.mark.parametrize("text", ["x" * 256, "é" * 128, "🐇" * 64])
def test_256_bytes_do_not(text: str) -> None:
    """One byte more is refused, with the name of what is too long."""
    for message, key, name in (
        (Message(reply_to=text), "q", "reply_to"),
        (Message(), text, "routing key"),
    ):
        with pytest.raises(Fault, match=name):
            check(message, key)


@pytest.mark.parametrize("name", ["x" * 129, "é" * 65, 7])
def test_names_of_headers(name: Any) -> None:
    """A header's name is a string of at most 128 bytes."""
    check(Message(headers={"x" * 128: 1, "é" * 64: 2}), "q")
    with pytest.raises(Fault, match="header"):
        check(Message(headers={name: 1}), "q")


def test_names_of_queues() -> None:
    """A queue's name is made of what pamqp lets pass."""
    check_queue_name("Orders-2.eu/fast:a@b#c,d+e f_g")
    for name in ("", "a\n", "é", "a(b)", "x" * 256):
        with pytest.raises(Fault, match="invalid_request"):
            check_queue_name(name)


def test_any_text_makes_a_name() -> None:
    """Any text can be made into a queue's name."""
    assert queue_name("gateway é(1)\n") == "gateway --1--"
    assert len(queue_name("x" * 999)) == 255
