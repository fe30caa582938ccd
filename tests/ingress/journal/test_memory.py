import pytest

from ingress.journal.memory import MemoryJournal
from tests.ingress.journal.contract import ReaderContract, Written
from tests.ingress.journal.recorded import record


class TestMemoryJournal(ReaderContract):
    @pytest.fixture
    def written(self) -> Written:
        return MemoryJournal


def test_it_says_how_much_it_holds() -> None:
    """A journal in memory tells its size to whoever prints it."""
    assert repr(MemoryJournal([record()])) == "<MemoryJournal 1 records>"
