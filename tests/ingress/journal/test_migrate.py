import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.journal import migrate
from ingress.journal.record import VERSION, JournalError, Record, encode
from tests.ingress.journal.recorded import full, record

# The bytes of a record as version 1 wrote it: this test keeps them readable for ever.
VERSION_1 = bytes.fromhex(
    "01dc001ba3722d33cf0000019ab697e803a4504f5354aa2f76312f6f7264657273af504f5354202f76312f6f"
    "7264657273ad6f72646572732e637265617465ccc9a0a001cd09c400000000a0a831302e302e302e37a46675"
    "6c6c0000909095a56472793d319292ac636f6e74656e742d74797065b06170706c69636174696f6e2f6a736f"
    "6e92a6782d73686f70a161c41d7b22736b75223a2022746561222c20227175616e74697479223a20327d9192"
    "ac636f6e74656e742d74797065b06170706c69636174696f6e2f6a736f6ec40d7b226964223a20226f2d3122"
    "7da0a0a0a0"
)


def test_a_record_of_the_first_version_is_read() -> None:
    """What the first version wrote is read by every later one."""
    assert migrate.decode(VERSION_1) == full(3)


def test_a_newer_record_says_what_to_do() -> None:
    """A record of a format that is not known yet names its version and asks for a newer program."""
    with pytest.raises(JournalError, match=r"format 250, and this queuegate reads up to"):
        migrate.decode(b"\xfa" + encode(record())[1:])


def test_a_record_that_is_too_old_says_what_to_do() -> None:
    """A record from before the first format that can be read names the way out."""
    with pytest.raises(JournalError, match="export it with the version that wrote it"):
        migrate.decode(b"\x00" + encode(record())[1:])


def test_a_record_with_fewer_fields_is_read() -> None:
    """What an earlier program of the same version left out has its default."""
    fields = msgspec.msgpack.decode(encode(record(3))[1:])[:10]
    data = bytes([VERSION]) + msgspec.msgpack.encode(fields)
    assert migrate.decode(data).id == "r-3"


def test_old_fields_are_lifted_step_by_step() -> None:
    """Each step takes the fields of one version to the next, in order."""
    steps = {1: lambda fields: [*fields, "one"], 2: lambda fields: [*fields, "two"]}
    assert migrate.lift(1, [], steps, 3) == ["one", "two"]
    assert migrate.lift(2, [], steps, 3) == ["two"]


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_record_or_an_error(data: bytes, headed: bool) -> None:  # noqa: FBT001
    """Nothing that can lie in a journal raises anything but a JournalError."""
    try:
        found = migrate.decode(bytes([VERSION]) * headed + data)
    except JournalError:
        return
    assert isinstance(found, Record)


@given(st.data())
def test_a_cut_record_is_an_error(data: st.DataObject) -> None:
    """A record that was not written to its end is never taken for whole."""
    whole = encode(full())
    length = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(JournalError):
        migrate.decode(whole[:length])
