import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingress.lazy import lazy
from tests.harness.processes import ROOT


def test_a_module_runs_when_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naming it runs nothing; the first attribute runs all of it, once."""
    (tmp_path / "slow_to_come.py").write_text("import os\nos.environ['CAME'] = 'yes'\nhere = 5\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("CAME", raising=False)
    module = lazy("slow_to_come")
    assert "CAME" not in os.environ
    assert module.here == 5
    assert os.environ["CAME"] == "yes"
    assert lazy("slow_to_come") is module
    monkeypatch.delenv("CAME")


def test_one_that_is_not_there_is_told_at_once() -> None:
    """Not at the first use, which may be hours later."""
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        lazy("no_such_library")


def test_a_gateway_that_uses_none_of_them_has_none_of_them() -> None:
    """Neither the HTTP client nor the language of conditions is there after the start."""
    code = (
        "import ingress.gateway, sys; "
        "print([name for name in ('aiohttp.client', 'cel.cel') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
