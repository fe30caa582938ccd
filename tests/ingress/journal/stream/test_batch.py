import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.coding.codings import encode
from ingress.journal.migrate import decode
from ingress.journal.record import JournalError
from ingress.journal.stream import batch
from tests.ingress.journal.recorded import START, full, record


@pytest.mark.parametrize("count", [0, 1, 4000, 4001, 9600])
def test_records_come_back_in_order(count: int) -> None:
    """However many messages they take, what is unpacked is what was packed."""
    records = [record(number) for number in range(count)]
    bodies = [body for body, _ in batch.pack(records)]
    assert len(bodies) == -(-count // 4000)
    assert [decode(data) for body in bodies for data in batch.unpack(body)] == records


def test_what_is_alike_is_small() -> None:
    """A hundred records are a fraction of the bytes that they are one by one."""
    records = [full(number) for number in range(100)]
    ((body, _),) = batch.pack(records)
    assert len(body) < sum(len(one.stored) for one in records) / 5


def test_messages_of_the_first_version_are_read() -> None:
    """What was written before messages were compressed is there for as long as it is kept."""
    body = b"\x01" + msgspec.msgpack.encode([record(1).stored])
    assert [decode(data) for data in batch.unpack(body)] == [record(1)]


def test_a_bomb_is_an_error() -> None:
    """A message that would fill the memory is refused before it does."""
    bomb = b"\x02" + encode("zstd", msgspec.msgpack.encode([bytes(80 * 1024**2)]))
    assert len(bomb) < 20_000
    with pytest.raises(JournalError, match="damaged"):
        batch.unpack(bomb)


def test_large_records_get_messages_of_their_own() -> None:
    """No message becomes much larger than a record needs."""
    records = [full(number, request_body=b"x" * 400_000) for number in range(3)]
    bodies = [body for body, _ in batch.pack(records)]
    assert [len(batch.unpack(body)) for body in bodies] == [1, 1, 1]


def test_what_no_message_can_carry_is_cut() -> None:
    """A record that RabbitMQ would refuse goes without its content, and says so."""
    ((body, _),) = batch.pack([full(1, request_body=b"x" * 16 * 1024**2)])
    found = decode(batch.unpack(body)[0])
    assert found.cut == ("request", "reply")
    assert found.open.request_body == b""


def test_a_message_says_when_its_last_request_ended() -> None:
    """Readers know by that how far they have to read."""
    ((_, moment),) = batch.pack([record(5000, duration_us=3_000_000), record(7000)])
    assert moment == START // 1000 + 8


@given(st.binary(max_size=100))
def test_any_message_is_a_batch_or_an_error(body: bytes) -> None:
    """Whatever somebody else writes into the stream is an error in words."""
    try:
        assert isinstance(batch.unpack(body), list)
    except JournalError:
        return
