"""The command line, called as a shell would."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ingress.cli import main


class Told(NamedTuple):
    """How a command ended, and what it printed where."""

    code: int
    out: str
    err: str


Cli = Callable[..., Told]

GOOD = """\
services:
  shop: {module: 'nowhere.shop:service'}
routes:
  - {route: GET /v1/orders, operation: shop.list}
  - route: POST /v1/orders
    operation: shop.create
    timeout: 2s
    body: {media: [application/json]}
"""


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run ``queuegate WORDS`` in this process, in a folder with a good gateway.yaml."""
    (tmp_path / "gateway.yaml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("BROKER_URL", "QUEUEGATE_CONFIG", "HOST", "PORT", "ADMIN_PORT", "LOG_FORMAT"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["queuegate", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Told(code if isinstance(code, int) else 0, out, err)

    return call
