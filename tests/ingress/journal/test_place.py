import pytest

from ingress.journal.place import Place, parse
from ingress.journal.record import JournalError


def test_a_place_is_read_as_it_was_written() -> None:
    """The text of a place gives the place back."""
    assert parse(str(Place(1_764_000_000_000, 17))) == Place(1_764_000_000_000, 17)


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "a-b", "1-2-3", "٣-٤", "1-" + "9" * 19])
def test_what_is_no_place_is_refused(text: str) -> None:
    """Whatever a client sends as a cursor is a place or an error in words."""
    with pytest.raises(JournalError, match="no cursor"):
        parse(text)
