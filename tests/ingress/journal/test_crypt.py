import msgspec
import pytest

from ingress.journal.crypt import Keyring
from ingress.journal.record import JournalError, encode
from tests.ingress.journal.recorded import full, record

OLD, NEW = b"o" * 32, b"n" * 32


def test_what_is_sealed_can_be_opened() -> None:
    """A record comes back as it was, and nothing of its content is in the stored bytes."""
    ring = Keyring([NEW])
    one = full(request_body=b"s3cret", query="q=s3cret")
    sealed = ring.seal(one)
    assert b"s3cret" not in encode(sealed)
    assert sealed.locked
    opened = ring.unlock(sealed)
    assert opened.open == one.open
    assert (opened.id, opened.route) == (one.id, one.route)


def test_equal_records_are_sealed_differently() -> None:
    """Nobody can see from the bytes that two requests were the same."""
    ring = Keyring([NEW])
    assert ring.seal(full()).content != ring.seal(full()).content


def test_without_keys_nothing_is_sealed() -> None:
    """A journal in the clear is what it was, and has no secret for digests."""
    ring = Keyring()
    assert ring.seal(full()) == full()
    assert (bool(ring), ring.secret) == (False, b"")


def test_an_old_key_still_opens() -> None:
    """After a change of keys the new one seals, and what the old one sealed can be read."""
    sealed = Keyring([OLD]).seal(full())
    both = Keyring([NEW, OLD])
    assert both.unlock(sealed).open == full().open
    assert both.seal(full()).key == Keyring([NEW]).seal(full()).key


def test_without_the_key_it_stays_locked() -> None:
    """A record of an unknown key is given as it is, and is no error."""
    sealed = Keyring([OLD]).seal(full())
    assert Keyring([NEW]).unlock(sealed).locked
    assert Keyring().unlock(sealed).locked


@pytest.mark.parametrize("place", [0, 20, 40, -1])
def test_tampering_is_told(place: int) -> None:
    """A changed bit anywhere in the sealed content is an error."""
    ring = Keyring([NEW])
    sealed = ring.seal(full())
    assert isinstance(sealed.content, bytes)
    content = bytearray(sealed.content)
    content[place] ^= 1
    with pytest.raises(JournalError, match="damaged or tampered"):
        ring.unlock(msgspec.structs.replace(sealed, content=bytes(content)))


def test_content_cannot_be_moved_to_another_record() -> None:
    """What was sealed for one request does not open for another."""
    ring = Keyring([NEW])
    stolen = msgspec.structs.replace(record(9), content=ring.seal(full()).content, key="")
    stolen = msgspec.structs.replace(stolen, key=ring.seal(full()).key)
    with pytest.raises(JournalError):
        ring.unlock(stolen)


def test_the_keys_are_not_shown() -> None:
    """A ring tells the names of its keys alone."""
    assert repr(Keyring([b"k" * 32])).startswith("<Keyring ")
    assert "kkk" not in repr(Keyring([b"k" * 32]))


def test_digests_depend_on_the_first_key() -> None:
    """The secret of digests is another for another key, and is not the key."""
    assert Keyring([OLD]).secret != Keyring([NEW, OLD]).secret
    assert Keyring([OLD]).secret != OLD
