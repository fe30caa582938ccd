import threading
from pathlib import Path

import msgspec
import pytest

from workers.samples.catalogue import PRODUCTS
from workers.samples.ledger import Ledger, default_path


class Paper(msgspec.Struct):
    text: str


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger in a file of its own."""
    return Ledger(lambda: tmp_path / "orders.sqlite")


def test_what_is_saved_is_found_by_any_other_ledger_of_the_file(tmp_path: Path) -> None:
    """Two ledgers on one file, as two processes have them, see the same orders."""
    one, two = (Ledger(lambda: tmp_path / "o.sqlite") for _ in range(2))
    with one.writing() as connection:
        one.save(connection, "a", 1, "placed", Paper("first"))
        one.save(connection, "b", 2, "placed", Paper("second"))
    assert two.find("a") == '{"text":"first"}'
    assert two.find("nothing") is None
    assert two.latest(None, 1) == ['{"text":"second"}']
    assert two.latest("cancelled", 10) == []


def test_what_fails_is_not_written(ledger: Ledger) -> None:
    """An error inside the transaction takes all of it back."""

    def fail() -> None:
        with ledger.writing() as connection:
            ledger.save(connection, "a", 1, "placed", Paper("x"))
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert ledger.find("a") is None


def test_stock_is_never_oversold(ledger: Ledger) -> None:
    """Many threads that take at one time never take more than there is."""
    stock = PRODUCTS["pot-cast-iron"].stock
    taken: list[int | None] = []

    def take() -> None:
        with ledger.writing() as connection:
            taken.append(ledger.take(connection, "pot-cast-iron", 1))

    threads = [threading.Thread(target=take) for _ in range(stock + 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken.count(None) == stock
    assert taken.count(0) == 8


def test_the_file_is_named_by_the_environment_or_is_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``ORDERS_DB`` names the file; else it is in a folder that only this user can read."""
    monkeypatch.setenv("ORDERS_DB", "/elsewhere/o.sqlite")
    assert default_path() == Path("/elsewhere/o.sqlite")
    monkeypatch.delenv("ORDERS_DB")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    path = default_path()
    assert path.parent.parent == tmp_path
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_somebody_else_put_there_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the temporary folder, which is everybody's, a link in our place is refused."""
    monkeypatch.delenv("ORDERS_DB", raising=False)
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    ours = default_path().parent
    ours.rmdir()
    ours.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(PermissionError, match="ORDERS_DB"):
        default_path()
