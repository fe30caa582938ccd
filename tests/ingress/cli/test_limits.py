"""``queuegate limits``, at a gateway that runs."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.development import development
from tests.ingress.cli.conftest import Cli

_CONFIG = """
limits: {each: {by: "header:x-tenant", rates: [2/h]}}
services: {echo: {module: "workers.samples.echo:service"}}
routes: [{route: POST /echo, operation: echo.back, limits: [each]}]
"""


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The public port of a gateway; commands find its admin port."""
    (tmp_path / "gateway.yaml").write_text(_CONFIG)
    with development(tmp_path, tmp_path / "log", "serving echo.back") as running:
        monkeypatch.setenv("QUEUEGATE_ADMIN", f"http://127.0.0.1:{running.admin}")
        yield running.port


def _call(port: int, tenant: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/echo", b"x", {"x-tenant": tenant})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_show_and_reset(cli: Cli, port: int) -> None:
    """What callers used is shown, the fullest first, and who is reset may call again."""
    assert [_call(port, "t1") for _ in range(3)] == [200, 200, 429]
    assert _call(port, "t2") == 200
    shown = cli("limits", "show")
    assert shown.code == 0
    head, first, second = shown.out.splitlines()
    assert head.split()[:4] == ["limit", "used", "of", "left"]
    assert (first.split()[:4], first.split()[-1]) == (["each", "2", "2", "0"], "t1")
    assert second.split()[-1] == "t2"
    listed = json.loads(cli("limits", "show", "each", "--key", "t2", "--json").out)
    assert listed[0]["windows"][0]["left"] == 1
    told = cli("limits", "reset", "each", "t1")
    assert (told.code, told.out) == (0, "t1 begins anew under each\n")
    assert _call(port, "t1") == 200
    told = cli("limits", "reset", "each", "nobody")
    assert (told.code, told.err) == (1, "queuegate: nobody has used nothing of each\n")
    told = cli("limits", "show", "other")
    assert told.code == 1
    assert "no limit or usage plan is called 'other'" in told.err
