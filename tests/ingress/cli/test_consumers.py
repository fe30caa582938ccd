"""``queuegate consumers``."""

import io
import json
from pathlib import Path

import pytest

from tests.ingress.cli import shop_with_keys
from tests.ingress.cli.conftest import Cli


@pytest.fixture(autouse=True)
def _shop(cli: Cli, tmp_path: Path) -> None:
    shop_with_keys.write(tmp_path)


def test_consumers_are_added_changed_and_removed(cli: Cli, tmp_path: Path) -> None:
    """What is not said stays; each order is in the audit file."""
    assert cli("consumers", "add", "anna", "--group", "a", "--group", "b").code == 0
    told = cli("consumers", "set", "anna", "--plan", "free", "--disable", "--json")
    assert json.loads(told.out)["groups"] == ["a", "b"]
    listed = cli("consumers", "list").out.splitlines()
    assert listed[1].split() == ["anna", "free", "a,", "b", "0", "store", "disabled"]
    assert listed[2].split() == ["fay", "-", "file", "1", "file"]
    assert cli("consumers", "set", "anna", "--group", "", "--enable").code == 0
    shown = json.loads(cli("consumers", "show", "anna", "--json").out)
    assert (shown["groups"], shown["disabled"], shown["plan"]) == ([], False, "free")
    removed = cli("consumers", "remove", "anna", "--yes")
    assert (removed.code, removed.out) == (0, "removed anna and its keys (0)\n")
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [line["method"] for line in lines[::2]] == ["POST", "PATCH", "PATCH", "DELETE"]


@pytest.mark.parametrize("name", ["anna@shop.example", "a+b"])
def test_a_name_may_have_all_its_letters(cli: Cli, tmp_path: Path, name: str) -> None:
    """Each command finds who was added, and the audit file has the name as it is."""
    assert cli("consumers", "add", name).code == 0
    assert cli("keys", "issue", name).code == 0
    assert json.loads(cli("consumers", "show", name, "--json").out)["name"] == name
    keys = json.loads(cli("keys", "list", "--consumer", name, "--json").out)
    assert [key["consumer"] for key in keys] == [name]
    assert cli("consumers", "set", name, "--group", "a").code == 0
    told = cli("consumers", "remove", name, "--yes")
    assert (told.code, told.out) == (0, f"removed {name} and its keys (1)\n")
    assert f'"/v1/consumers/{name}"' in (tmp_path / "audit.jsonl").read_text()


def test_a_password_comes_on_stdin_and_is_kept_hashed(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Never on the command line, where others could read it."""
    cli("consumers", "add", "anna")
    monkeypatch.setattr("sys.stdin", io.StringIO("open sesame\n"))
    told = cli("consumers", "set", "anna", "--password", "--json")
    assert json.loads(told.out)["password"] is True
    assert b"sesame" not in (tmp_path / "state.sqlite").read_bytes()
    monkeypatch.setattr("sys.stdin", io.StringIO("open sesame\n"))
    assert cli("consumers", "hash").out.startswith("$argon2id$")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    told = cli("consumers", "hash")
    assert (told.code, "no password came on stdin" in told.err) == (2, True)


def test_show_tells_of_the_keys_too(cli: Cli) -> None:
    """For people in two parts."""
    cli("keys", "issue", "fay", "--label", "ci")
    told = cli("consumers", "show", "fay").out
    assert told.startswith("fay\n")
    assert told.splitlines()[-2].split()[0] == "fay-1"


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("show", "nobody"), 1, "there is no consumer nobody"),
        (("set", "nobody", "--group", "x"), 1, "there is no consumer nobody"),
        (("add", "anna", "--plan", "gld"), 1, "there is no usage plan gld: add it first"),
        (("set", "fay", "--plan", "x"), 1, "the route file's: change it there"),
        (("set", "fay"), 2, "nothing to change was said"),
        (("add", "a b"), 1, "a consumer's name is made of"),
        (("remove", "fay"), 2, "say --yes"),
        (("remove", "nobody", "-y"), 1, "there is no consumer nobody"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    cli: Cli, words: tuple[str, ...], code: int, said: str
) -> None:
    """1 for what failed, 2 for what was wrongly asked."""
    told = cli("consumers", *words)
    assert (told.code, said in told.err) == (code, True)
