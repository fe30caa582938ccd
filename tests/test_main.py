from pathlib import Path

from tests.__main__ import ALONE, shares
from tests.harness.processes import ROOT


def test_every_test_is_in_one_share() -> None:
    """No test file of the suite is left out, and none runs twice."""
    paths = [path for some in shares(ROOT / "tests") for path in some]
    assert len(paths) == len(set(paths))
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}
    vendored = {path for path in files if path.startswith("tests/vendor/")}
    for path in files - vendored:
        assert sum(path == one or path.startswith(f"{one}/") for one in paths) == 1, path


def test_what_is_new_is_in_a_share(tmp_path: Path) -> None:
    """A folder or a file that is added runs with one of the halves; a folder without tests not."""
    folder = tmp_path / "tests"
    for path in ("new/test_a.py", "faults/test_b.py", "ingress/x/test_c.py", "harness/ports.py"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    (folder / "test_d.py").touch()
    assert shares(folder) == (["tests/ingress"], ["tests/new", "tests/test_d.py"], ["tests/faults"])
    assert "faults" in ALONE
