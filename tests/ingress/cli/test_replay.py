"""``queuegate replay``, as a shell calls it."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.recorded_shop import Shop, call, record, shop

ROUTES = """\
journal: {store: journal.db}
replay: {key: sixteen-letters-at-least}
routes:
  - {route: "GET /v1/orders/{id}", operation: shop.get}
  - {route: POST /v1/orders, operation: shop.create}
"""


@pytest.fixture
def folder(cli: Cli, tmp_path: Path) -> Path:
    """A folder with a route file and a journal of four GETs and two POSTs."""
    (tmp_path / "gateway.yaml").write_text(ROUTES)
    posts = [call(number, "POST") for number in (4, 5)]
    record(tmp_path / "journal.db", *map(call, range(4)), *posts)
    return tmp_path


@pytest.fixture
def old(folder: Path) -> Iterator[Shop]:
    """The version that was recorded."""
    with shop() as one:
        yield one


@pytest.fixture
def new(folder: Path) -> Iterator[Shop]:
    """A version that says another total."""
    with shop(changed=True) as one:
        yield one


def test_a_dry_run_sends_nothing(cli: Cli, old: Shop) -> None:
    """It tells how many, which routes, and what would not be sent and why."""
    told = cli("replay", "run", "--dry-run")
    assert told.code == 0
    assert "4 of 6 calls would be sent" in told.out
    assert "2 change something" in told.out
    assert "GET /v1/orders/{id}  4" in told.out
    assert "--unsafe sends them" in told.out
    told = cli("replay", "run", "--dry-run", "--to", old.url, "--unsafe", "--json")
    found = json.loads(told.out)
    assert (found["total"], found["sendable"], found["target"]) == (6, 6, old.url)
    assert old.asked == []
    assert cli("replay", "list").out.startswith("no run yet")


def test_what_changes_something_is_not_sent_by_itself(cli: Cli, old: Shop) -> None:
    """Without --unsafe only what is safe goes out, marked, and the rest is told."""
    told = cli("replay", "run", "--to", old.url, "--name", "a")
    assert told.code == 0
    assert "run a: 4 answered, 0 failed, 2 not sent" in told.out
    assert sorted(old.asked) == [f"GET /v1/orders/{number}" for number in range(4)]
    assert {one["queuegate-replay"].split(";")[0] for one in old.headers} == {
        f"a/r-{number}" for number in range(4)
    }
    told = cli("replay", "run", "--to", old.url, "--skip-replayed", "--unsafe")
    assert told.code == 0
    assert old.asked[4:] == ["POST /v1/orders"] * 2


def test_nothing_is_sent_twice_by_accident(cli: Cli, old: Shop, new: Shop) -> None:
    """A second run to the same target says so; --again sends, another target is another thing."""
    assert cli("replay", "run", "--to", old.url, "--name", "a").code == 0
    told = cli("replay", "run", "--to", old.url)
    assert told.code == 2
    assert "4 of these 6 calls were sent to this target before, by run a" in told.err
    assert len(old.asked) == 4
    assert cli("replay", "run", "--to", old.url, "--again").code == 0
    assert len(old.asked) == 8
    assert cli("replay", "run", "--to", new.url).code == 0
    told = cli("replay", "run", "--to", old.url, "--skip-replayed", "--method", "GET")
    assert told.code == 3


def test_answers_are_compared(cli: Cli, old: Shop, new: Shop, folder: Path) -> None:
    """The same answers are exit code 0; others are told once a cause, and exit code 1."""
    told = cli("replay", "run", "--to", old.url, "--compare", "--unsafe", "--name", "old")
    assert (told.code, "no findings in 6 pairs" in told.out) == (0, True)
    words = ("--to", new.url, "--unsafe", "--html", "out.html", "--name", "new")
    told = cli("replay", "run", *words)
    assert (told.code, "2 findings in 6 pairs" in told.out) == (1, True)
    assert "2 findings" in (folder / "out.html").read_text()
    told = cli("replay", "compare", "old", "new", "--json")
    assert told.code == 1
    findings = json.loads(told.out)["findings"]
    assert [(one["path"], one["kind"], one["count"]) for one in findings] == [
        ("$.total", "type", 4),
        ("$.total", "type", 2),
    ]
    told = cli("replay", "compare", "new", "--ignore", "$.total")
    assert (told.code, "no findings" in told.out) == (0, True)
    assert cli("replay", "compare", "new", "--noise", "old").code == 1
    assert cli("replay", "compare", "new", "--ignore", "$.a b").code == 2
    assert cli("replay", "compare", "new", "old", "--tolerance", "much").code == 2


def test_json_is_one_document(cli: Cli, new: Shop) -> None:
    """For scripts all of it, the comparison too, is one JSON document on stdout."""
    told = cli("replay", "run", "--to", new.url, "--compare", "--json", "--method", "GET")
    found = json.loads(told.out)
    assert (found["answered"], found["failed"], found["statuses"]) == (4, 0, {"200": 4})
    assert found["comparison"]["findings"][0]["path"] == "$.total"


def test_runs_are_listed_shown_and_forgotten(cli: Cli, old: Shop) -> None:
    """What was sent is remembered, call by call, until it is forgotten."""
    cli("replay", "run", "--to", old.url, "--name", "a", "--concurrency", "1")
    line = cli("replay", "list").out.splitlines()[1].split()
    assert (line[0], line[2:5]) == ("a", ["done", "4/6", "0"])
    told = cli("replay", "show", "a", "--limit", "2")
    assert told.out.splitlines()[3].split()[0] == "r-0"
    assert "200 -> 200" in told.out
    assert len(json.loads(cli("replay", "show", "a", "--json").out)["calls"]) == 4
    assert json.loads(cli("replay", "show", "a", "--failed", "--json").out)["calls"] == []
    assert json.loads(cli("replay", "list", "--json").out)[0]["states"] == {"answered": 4}
    assert cli("replay", "forget", "a").code == 0
    assert cli("replay", "forget", "a").code == 1
    assert cli("replay", "run", "--to", old.url).code == 0


def test_the_operator_supplies_credentials(
    cli: Cli, old: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A header from the environment goes with each call and is neither printed nor kept."""
    monkeypatch.setenv("TOKEN", "hunter2-5e3f")
    words = ("--to", old.url, "--set-header", "Authorization: Bearer ${TOKEN}", "--name", "a")
    told = cli("replay", "run", *words, "--json")
    assert old.headers[0]["authorization"] == "Bearer hunter2-5e3f"
    assert "hunter2" not in told.out + told.err
    for file in Path().glob("replays.db*"):
        assert b"hunter2" not in file.read_bytes()
    told = cli("replay", "resume", "a")
    assert (told.code, "--set-header for authorization" in told.err) == (2, True)


def test_where_nobody_is_it_fails_and_goes_on_later(cli: Cli, folder: Path) -> None:
    """No server is exit code 1, with the words to go on; then what was not sent is sent."""
    with shop() as gone:
        port = int(gone.url.rpartition(":")[2])
    told = cli("replay", "run", "--to", gone.url, "--name", "a")
    assert told.code == 1
    assert "4 without an answer: cannot connect: connection refused" in told.out
    assert cli("replay", "show", "a", "--failed").out.count("unsent") == 4
    with shop(port=port) as back:
        told = cli("replay", "resume", "a", "--compare")
        assert told.code == 0
        assert len(back.asked) == 4


@pytest.mark.parametrize(
    "words, code, said",
    [
        ("", 2, "where to?"),
        ("--to x", 2, "a URL is written"),
        ("--to http://x --direct", 2, "where to?"),
        ("--to http://x --since soon", 2, "a moment is written"),
        ("--to http://x --status 6xx", 2, "a status is written"),
        ("--to http://x --body a[", 2, "no JMESPath expression"),
        ("--to http://x --rate 0", 2, "a rate is written"),
        ("--to http://x --rate 1 --speed 1", 2, "exclude each other"),
        ("--to http://x --key a[", 2, "is no key"),
        ("--to http://x --allow all", 2, "none of metadata"),
        ("--to http://x --name a/b", 2, "a name has letters"),
        ("--to http://x --ignore $.", 2, "is no path"),
        ("--to http://x --from no.har", 2, "there is no file"),
        ("--to http://x --journal no.db", 2, "there is no journal at"),
        ("--to http://x --from a.har --dlq q", 2, "exclude each other"),
        ("--to http://x --set-header a", 2, "NAME: VALUE"),
        ("--direct", 2, "lives in the process"),
        ("--to http://x --id nobody", 3, "nothing to replay"),
        ("--to http://x --method POST", 2, "none of these 2 calls may be sent"),
        ("--to http://x --config no.yaml", 2, "which journal"),
    ],
)
def test_what_makes_no_sense_is_told(
    cli: Cli, folder: Path, words: str, code: int, said: str
) -> None:
    """Bad usage is 2 with what to write instead, and an empty result is 3; nothing is sent."""
    told = cli("replay", "run", *words.split())
    assert (told.code, told.out) == (code, "")
    assert said in " ".join(told.err.replace("│", " ").split())


def test_a_record_too_old_says_what_to_do(cli: Cli, folder: Path) -> None:
    """A record of a format that is not read any more, or not yet, is exit code 1 with advice."""
    for version, advice in ((0, "export it with the version that wrote it"), (9, "or a newer one")):
        file = sqlite3.connect(folder / "journal.db")
        bodies = file.execute("SELECT bodies FROM packs WHERE seq = 1").fetchone()[0]
        file.execute("UPDATE packs SET bodies = ? WHERE seq = 1", (bytes([version]) + bodies[1:],))
        file.commit()
        file.close()
        told = cli("replay", "run", "--dry-run")
        assert told.code == 1
        assert f"a record has format {version}" in told.err
        assert advice in told.err


def test_a_damaged_file_of_runs_is_told(cli: Cli, folder: Path) -> None:
    """A file of runs that is none is left alone, and another can be named."""
    (folder / "replays.db").write_bytes(b"x" * 5000)
    told = cli("replay", "list")
    assert (told.code, "not a database" in told.err) == (1, True)
    assert cli("replay", "list", "--runs", "other.db").code == 0


def test_tab_completion_offers_runs(cli: Cli, old: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tab after `show` offers the runs that there are, and nothing where there is no file."""
    cli("replay", "run", "--to", old.url, "--name", "mend-1")
    monkeypatch.setenv("_QUEUEGATE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "queuegate replay show m")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert cli().out.split() == ["mend-1"]
