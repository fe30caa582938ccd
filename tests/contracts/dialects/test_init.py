import pytest

from contracts.dialects import DEFAULT, NAMES, dialect
from contracts.dialects.native import Native


def test_dialects_by_name() -> None:
    """Dialects are found by name, the first one being the default."""
    assert NAMES == ("queuegate", "queuegate-json", "raw")
    assert isinstance(dialect(DEFAULT), Native)


def test_an_unknown_dialect() -> None:
    """An unknown name is refused with the names that there are, and the nearest."""
    with pytest.raises(ValueError, match="queuegate, queuegate-json, raw, did you mean 'raw'"):
        dialect("row")
