"""``queuegate log``."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from ingress.journal.sqlite.store import SqliteStore
from tests.harness.processes import ROOT, queuegate_command
from tests.harness.waiting import wait_until
from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.journaled import fill
from tests.ingress.journal.contract import MIXED
from tests.ingress.journal.recorded import record


def ids(out: str) -> list[str]:
    return [json.loads(line)["id"] for line in out.splitlines()]


def test_it_lists_the_newest_first(cli: Cli, tmp_path: Path) -> None:
    """A table with a line a request, and on stderr how to go on when there is more."""
    fill(tmp_path)
    told = cli("log", "list", "-n", "2")
    assert (told.code, len(told.out.splitlines())) == (0, 3)
    assert told.out.splitlines()[1].endswith("r-9")
    assert told.err.startswith("more: --after ")
    cursor = told.err.split("--after ")[1].split(",")[0]
    assert ids(cli("log", "list", "-n", "2", "--after", cursor, "--json").out) == ["r-7", "r-6"]


@pytest.mark.parametrize(
    "words, expected",
    [
        (["--status", "5xx"], ["r-9", "r-5", "r-4"]),
        (["--status", "404", "--status", "201"], ["r-8", "r-3", "r-2"]),
        (["--status", ">=504"], ["r-9", "r-5"]),
        (["--route", "GET /v1/slow", "--code", "busy"], ["r-4"]),
        (["--slower", "500ms"], ["r-5"]),
        (["--caller", "alice"], ["r-6"]),
        (["--method", "post"], ["r-8", "r-3"]),
        (["--id", "r-1", "--id", "r-2"], ["r-2", "r-1"]),
        (["--header", "X-Shop=a"], ["r-8", "r-3"]),
        (["--body", "quantity > `1`"], ["r-3"]),
        (["--reply", "total"], ["r-8"]),
        (["--replayed"], ["r-6"]),
        (["--run", "again"], ["r-6"]),
        (["--not-replayed", "--slower", "1s"], ["r-5"]),
        (["--until", "2000-01-01"], []),
        (["--since", "20000d", "--oldest", "-n", "1"], ["r-0"]),
    ],
)
def test_each_filter_is_an_option(
    cli: Cli, tmp_path: Path, words: list[str], expected: list[str]
) -> None:
    """What is asked for is what comes, one object a line."""
    fill(tmp_path)
    told = cli("log", "list", "--json", *words)
    assert (told.code, ids(told.out)) == (0, expected)


@pytest.mark.parametrize(
    "words, told",
    [
        (["--since", "15x"], "a moment is written"),
        (["--status", "abc"], "a status is written"),
        (["--slower", "5"], "a duration is written"),
        (["--header", "x"], "NAME=VALUE"),
        (["--body", "a["], "no JMESPath"),
        (["--limit", "0"], "greater than or equal to 1"),
    ],
)
def test_a_wrong_filter_is_wrong_usage(
    cli: Cli, tmp_path: Path, words: list[str], told: str
) -> None:
    """The option is named with what to write instead, nothing is printed, and the code is 2."""
    fill(tmp_path)
    ended = cli("log", "list", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in " ".join(ended.err.replace("│", " ").split())


def test_nothing_found_is_said(cli: Cli, tmp_path: Path) -> None:
    """An empty result is no failure, prints nothing to stdout and says so."""
    fill(tmp_path)
    for words in (["list"], ["stats"]):
        told = cli("log", *words, "--caller", "nobody")
        assert (told.code, told.out) == (0, "")
        assert "no record fits" in told.err


@pytest.mark.parametrize(
    "words, told",
    [
        (["log", "list"], "has no journal: add `journal: {}`"),
        (["log", "list", "--journal", "no.db"], "there is no journal at no.db"),
        (["log", "list", "--journal", "gateway.yaml"], "not a database"),
    ],
)
def test_a_journal_that_is_not_there_is_told(cli: Cli, words: list[str], told: str) -> None:
    """The sentence says what is missing, and the code is 1."""
    ended = cli(*words)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err


def test_a_journal_can_be_named(cli: Cli, tmp_path: Path) -> None:
    """Without a route file the file alone is enough."""
    fill(tmp_path)
    (tmp_path / "gateway.yaml").unlink()
    assert len(ids(cli("log", "list", "--journal", "journal.db", "--json").out)) == len(MIXED)


def test_it_shows_one_whole(cli: Cli, tmp_path: Path) -> None:
    """Times, headers and bodies of one request; another id is exit code 1."""
    fill(tmp_path)
    told = cli("log", "show", "r-3")
    for text in ("POST /v1/orders?dry=1", "201", "x-shop", '{"sku":"tea","quantity":2}', '"o-1"'):
        assert text in told.out
    assert json.loads(cli("log", "show", "r-3", "--json").out)["reply"]["body"] == '{"id": "o-1"}'
    missing = cli("log", "show", "nobody")
    assert (missing.code, missing.err) == (1, "queuegate: no record has the id nobody\n")


def test_it_shows_a_line_for_the_shell(cli: Cli, tmp_path: Path) -> None:
    """The line alone goes to stdout, and what is missing from it to stderr."""
    fill(tmp_path)
    told = cli("log", "show", "r-3", "--curl", "--url", "http://h")
    assert told.out.startswith("curl ")
    assert told.out.endswith("'http://h/v1/orders?dry=1'\n")
    assert told.err == ""
    assert "level metadata" in cli("log", "show", "r-1", "--curl").err


def test_it_sums_up_routes(cli: Cli, tmp_path: Path) -> None:
    """A line a route, or the figures as JSON."""
    fill(tmp_path)
    told = cli("log", "stats")
    assert "GET /v1/slow" in told.out
    assert "busy 1" in told.out
    routes = json.loads(cli("log", "stats", "--json").out)["routes"]
    assert {one["route"]: one["count"] for one in routes}["POST /v1/orders"] == 2


def test_it_exports_for_other_tools(cli: Cli, tmp_path: Path) -> None:
    """JSON lines, or HAR, the oldest first, to stdout or to a file that its owner alone reads."""
    fill(tmp_path)
    assert ids(cli("log", "export").out) == [one.id for one in MIXED]
    told = cli("log", "export", "--har", "-o", "x.har", "--status", "201")
    assert told.err == "exported 2 records to x.har\n"
    assert len(json.loads((tmp_path / "x.har").read_text())["log"]["entries"]) == 2
    assert (tmp_path / "x.har").stat().st_mode & 0o777 == 0o600
    failed = cli("log", "export", "-o", "no/x.har")
    assert failed.code == 1


def test_it_follows_what_comes(tmp_path: Path) -> None:
    """The last ones first, then those that are written meanwhile, until Ctrl-C."""
    fill(tmp_path)
    command = queuegate_command("log", "tail", "-f", "-n", "2", "--json")
    child = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(iter(child.stdout.readline, "")))  # type: ignore[union-attr]
    reader.start()
    try:
        wait_until(lambda: ids("".join(lines)) == ["r-8", "r-9"], 20)
        store = SqliteStore(tmp_path / "journal.db")
        store.write([record(50)])
        store.close()
        wait_until(lambda: ids("".join(lines))[2:] == ["r-50"])
    finally:
        child.send_signal(signal.SIGINT)
        assert child.wait(10) == 130
        reader.join(10)
        child.stdout.close()  # type: ignore[union-attr]


def test_it_prints_the_last_and_ends(cli: Cli, tmp_path: Path) -> None:
    """Without -f the last requests are printed, the newest last."""
    fill(tmp_path)
    told = cli("log", "tail", "-n", "3")
    assert [line.split()[-1] for line in told.out.splitlines()] == ["r-7", "r-8", "r-9"]
