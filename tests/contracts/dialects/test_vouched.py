"""A signed statement of who calls, on what any dialect asks."""

import pytest
from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import Call, Caller, Reply
from contracts.callers.keys import read_keys
from contracts.callers.signer import Covers, Signer
from contracts.callers.verifier import Verifier
from contracts.dialects import NAMES, dialect
from contracts.dialects.vouched import Vouched
from tests.contracts.callers.rings import SECRET, ring

KEYS = read_keys(ring(SECRET))
CALL = Call(
    id="r", operation="s.o", route="GET /a", body=b"x", params={"id": "7"}, caller=Caller("ann"),
    deadline=9_000_000_000_000, headers=(("x-a", "1"), ("content-type", "text/plain")),
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("covers", ["call", "caller"])
def test_a_worker_reads_the_call_and_knows_who_makes_it(name: str, covers: Covers) -> None:
    """In every dialect, those too whose calls do not say who calls."""
    plain = dialect(name)
    vouched = Vouched(plain, Signer(KEYS[0], covers=covers))
    message = vouched.request(CALL, correlation_id="c", reply_to="q", expiration_ms=5)
    call = plain.call(message)
    assert Verifier(KEYS).verify(call, message).caller == CALL.caller
    bare = {key: value for key, value in message.headers.items() if key != "x-caller"}
    asked = plain.request(CALL, correlation_id="c", reply_to="q", expiration_ms=5)
    assert replace(message, headers=bare, timestamp=0) == replace(asked, timestamp=0)
    answer = plain.answer(Reply(body=b"y"), message)
    assert vouched.reply(answer) == plain.reply(answer)


@pytest.mark.parametrize("covers, last", [("call", "x-caller"), ("caller", "x-deadline")])
def test_what_is_the_same_each_time_is_before_what_is_not(covers: Covers, last: str) -> None:
    """The lane knows headers by their bytes up to a last number."""
    vouched = Vouched(dialect("queuegate"), Signer(KEYS[0], covers=covers))
    message: Message = vouched.request(CALL, correlation_id="c", reply_to="q", expiration_ms=5)
    assert list(message.headers)[-1] == last
    assert vouched.name == "queuegate"
    assert "Hmac secret" in repr(vouched)
