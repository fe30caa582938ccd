"""``queuegate cache``, at a gateway that runs."""

import json
import urllib.request
from collections.abc import Iterator

import pytest

from tests.harness.development import Development, development
from tests.harness.processes import ROOT
from tests.harness.waiting import wait_until
from tests.ingress.cli.conftest import Cli


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    """`queuegate dev` in the sample's folder."""
    log = tmp_path_factory.mktemp("cache") / "log"
    with development(ROOT / "examples" / "caching", log) as running:
        yield running


@pytest.fixture
def port(served: Development, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> int:
    """The public port, with an empty cache behind it; commands find the admin port."""
    monkeypatch.setenv("QUEUEGATE_ADMIN", f"http://127.0.0.1:{served.admin}")
    assert cli("cache", "purge", "--all").code == 0
    return served.port


def get(port: int, path: str) -> None:
    def answers() -> bool:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status == 200)

    wait_until(answers, what=f"{path} is answered")


def test_list_and_show(cli: Cli, port: int) -> None:
    """A table of what is kept, and all about one path."""
    get(port, "/teas")
    get(port, "/teas/sencha")
    rows = cli("cache", "list").out.splitlines()
    assert rows[0].split()[-4:] == ["host", "path", "varies", "tags"]
    assert any("/teas/sencha" in row and "tea-sencha" in row for row in rows[1:])
    assert len(cli("cache", "list", "--tag", "tea-sencha").out.splitlines()) == 2
    listed = json.loads(cli("cache", "list", "--prefix", "/teas/", "--json").out)
    assert [one["path"] for one in listed] == ["/teas/sencha"]
    shown = cli("cache", "show", "/teas/sencha").out
    assert "varies by accept-language: ''" in shown
    assert "cache-control: max-age=60" in shown
    assert json.loads(cli("cache", "show", "/teas", "--json").out)[0]["status"] == 200
    told = cli("cache", "show", "/nothing")
    assert (told.code, told.err) == (1, "queuegate: nothing is kept for /nothing\n")


def test_purge(cli: Cli, port: int) -> None:
    """By tag, by path, by prefix; what there is not is dropped nought times."""
    for path in ("/teas", "/teas/sencha", "/teas/oolong"):
        get(port, path)
    assert cli("cache", "purge", "--tag", "tea-sencha").out == "dropped 1\n"
    assert json.loads(cli("cache", "purge", "/teas", "--json").out) == {"dropped": 1}
    assert cli("cache", "purge", "--prefix", "/teas").out == "dropped 1\n"
    assert cli("cache", "purge", "/teas").out == "dropped 0\n"


def test_stats(cli: Cli, port: int) -> None:
    """How many were answered from memory."""
    before = json.loads(cli("cache", "stats", "--json").out)["results"]
    get(port, "/teas")
    get(port, "/teas")
    after = json.loads(cli("cache", "stats", "--json").out)["results"]
    assert after["hit"] == before["hit"] + 1
    assert "hit ratio" in cli("cache", "stats").out


@pytest.mark.parametrize("words", [(), ("/a", "--all"), ("--tag", "x", "--prefix", "/a")])
def test_which_to_drop_must_be_said(cli: Cli, port: int, words: tuple[str, ...]) -> None:
    """One way of naming them, or exit code 2."""
    assert port
    told = cli("cache", "purge", *words)
    assert told.code == 2
    assert "which?" in told.err
