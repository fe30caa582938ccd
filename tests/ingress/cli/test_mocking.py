from pathlib import Path

import msgspec
import pytest
import typer

from ingress.cli import mocking
from ingress.cli.replay_place import Place
from ingress.replay.order import Order
from tests.ingress.cli.recorded_shop import call, record


def test_what_cannot_be_served_is_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records without a whole answer are told; when none is left the command ends with advice."""
    bare = msgspec.structs.replace(call(1), level="metadata")
    record(tmp_path / "a.db", call(0), bare)
    found = mocking.recordings(
        Place(tmp_path / "none.yaml", journal=str(tmp_path / "a.db")), Order(), match_body=False
    )
    assert len(found) == 1
    assert "1 records are passed over" in capsys.readouterr().err
    record(tmp_path / "b.db", bare)
    place = Place(tmp_path / "none.yaml", journal=str(tmp_path / "b.db"))
    with pytest.raises(typer.Exit) as ended:
        mocking.recordings(place, Order(), match_body=False)
    assert ended.value.exit_code == 3
    assert "`journal: full`" in capsys.readouterr().err
