"""A priority on what any dialect asks."""

import pytest
from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import Call, Reply
from contracts.dialects import NAMES, dialect
from contracts.dialects.port import Dialect
from contracts.dialects.prioritised import Prioritised


@pytest.mark.parametrize("name", NAMES)
def test_only_the_priority_is_added(name: str) -> None:
    """Everything else is as the dialect says it, and answers are read by it."""
    plain = dialect(name)
    urgent = Prioritised(plain, 7)
    call = Call(id="r", operation="s.o", body=b"x")

    def ask(speaker: Dialect) -> Message:
        message = speaker.request(call, correlation_id="c", reply_to="q", expiration_ms=5)
        return replace(message, timestamp=None)

    assert ask(urgent) == replace(ask(plain), priority=7)
    answer = plain.answer(
        Reply(body=b"y"), urgent.request(call, correlation_id="c", reply_to="q", expiration_ms=5)
    )
    assert urgent.reply(answer) == plain.reply(answer)
    assert (urgent.name, repr(urgent)) == (name, f"<Prioritised {plain!r} 7>")
