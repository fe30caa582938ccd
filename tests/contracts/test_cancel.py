"""The message that cancels a call."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.cancel import Cancel, read, topic, write


@given(st.text(min_size=1), st.integers(0, 2**63 - 1))
def test_what_is_written_is_read(correlation_id: str, deadline: int) -> None:
    """A cancel crosses the wire unchanged."""
    cancel = Cancel(correlation_id, deadline)
    assert read(write(cancel)) == cancel


@pytest.mark.parametrize(
    "message",
    [
        Message(),
        Message(type="req", correlation_id="c"),
        Message(type="cancel"),
        Message(type="cancel", correlation_id="c", headers={"x-deadline": "1"}),
        Message(type="cancel", correlation_id="c", headers={"x-deadline": -1}),
        Message(type="cancel", correlation_id="c", headers={"x-deadline": True}),
        Message(type="cancel", correlation_id="c", headers={"x-deadline": 2**63}),
    ],
)
def test_anything_else_cancels_nothing(message: Message) -> None:
    """Whatever anybody publishes there, it is a cancel or nothing."""
    assert read(message) is None


@given(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(), st.text(), st.binary())))
def test_reading_never_raises(headers: dict[str, Any]) -> None:
    """Any headers give a cancel or ``None``."""
    read(Message(type="cancel", correlation_id="c", headers=headers))


def test_each_service_has_a_topic_of_its_own() -> None:
    """Workers of other services are not troubled."""
    assert topic("orders") == "queuegate.cancel.orders"
