from pathlib import Path

import pytest

from ingress.cli.replay_place import Place
from ingress.replay.assemble import UsageError

ROUTES = "routes: [{route: GET /a, operation: shop.a}]\n"


@pytest.mark.parametrize(
    "journal, where",
    [
        ("", "replays.db"),
        ("journal: {store: j.db}\n", "replays.db"),
        ("journal: {store: data/j.db}\n", "data/replays.db"),
    ],
)
def test_runs_are_kept_beside_the_journal(tmp_path: Path, journal: str, where: str) -> None:
    """The file of runs is in the folder of the journal, else in that of the route file."""
    (tmp_path / "data").mkdir()
    (tmp_path / "gateway.yaml").write_text(journal + ROUTES)
    with Place(tmp_path / "gateway.yaml").runs() as runs:
        assert runs.path == tmp_path / where


def test_another_file_can_be_named(tmp_path: Path) -> None:
    """A file of runs that is named comes first, then the folder of a journal that is named."""
    missing = tmp_path / "none.yaml"
    with Place(missing, runs=tmp_path / "r").runs() as runs:
        assert runs.path == tmp_path / "r"
    with Place(missing, journal=str(tmp_path / "j.db")).runs() as runs:
        assert runs.path == tmp_path / "replays.db"


def test_the_key_and_the_broker_are_those_of_the_route_file(tmp_path: Path) -> None:
    """A broker of another process, and none at all, are told as usage."""
    path = tmp_path / "gateway.yaml"
    path.write_text("broker: amqp://h/v\nreplay: {key: sixteen-letters-at-least}\n" + ROUTES)
    assert Place(path).broker == "amqp://h/v"
    assert Place(path, broker="amqp://other").broker == "amqp://other"
    assert Place(path).marks
    assert not Place(tmp_path / "none.yaml").marks
    with pytest.raises(UsageError, match="which broker"):
        assert Place(tmp_path / "none.yaml").broker
    with pytest.raises(UsageError, match="go through its gateway"):
        assert Place(path, broker="memory://").broker
