from collections.abc import Callable

import pytest

from contracts.brokers.port import Message
from contracts.brokers.rabbitmq.content import Content
from contracts.brokers.rabbitmq.frames import ProtocolError
from tests.contracts.brokers.rabbitmq.fakes import content, deliver


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_content_is_put_together(pieces: int) -> None:
    """A body in several frames becomes one, and the next message begins clean."""
    header, body = content(Message(body=b"0123456789", type="x"))
    parts, size = Content(), -(-len(body) // pieces)
    for _ in range(2):
        parts.method(deliver())
        assert parts.header(header) is None
        found = [parts.body(body[at : at + size]) for at in range(0, len(body), size)]
        assert found[:-1] == [None] * (len(found) - 1)
        assert found[-1] == (deliver(), header, body)
        assert repr(parts) == "<Content idle>"


def test_no_body_no_wait() -> None:
    """A message without a body is whole with its header."""
    parts, (header, _) = Content(), content(Message(type="x"))
    parts.method(deliver())
    assert repr(parts) == "<Content header to come>"
    assert parts.header(header) == (deliver(), header, b"")


def test_what_cannot_come_now_is_an_error() -> None:
    """Section 4.2.6: method, header, body, and nothing in between."""
    header, _ = content(Message(body=b"123"))
    parts = Content()

    def refuse(take: Callable[..., object], *payload: bytes) -> None:
        with pytest.raises(ProtocolError):
            take(*payload)

    refuse(parts.header, header)
    refuse(parts.body, b"1")
    parts.method(deliver())
    refuse(parts.body, b"1")
    refuse(parts.method, deliver())
    refuse(parts.check_idle)
    parts.header(header)
    assert repr(parts) == "<Content 3 bytes to come>"
    refuse(parts.header, header)
    refuse(parts.body, b"1234")
