from ingress.journal.memory import MemoryJournal
from ingress.journal.reader import Reader


def test_the_fake_is_a_reader() -> None:
    """The journal in memory can stand wherever a journal is read (checked by the type checker)."""
    reader: Reader = MemoryJournal()
    reader.close()
