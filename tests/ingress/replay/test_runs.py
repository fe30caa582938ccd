import sqlite3
from pathlib import Path

import msgspec
import pytest

from ingress.compare.answer import Answer
from ingress.journal.crypt import Keyring
from ingress.replay.runs import Run, Runs, RunsError, Send, State

RUN = Run(run="a", started=1, source="journal", target="http://x", total=2, settings={"speed": 1})


def send(number: int, state: State = State.ANSWERED) -> Send:
    return Send(
        place=f"p-{number}",
        original=f"r-{number}",
        started=number,
        state=state,
        after=Answer(status=200),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is."""
    return tmp_path / "runs"


def test_a_run_is_remembered(path: Path) -> None:
    """A run is found again by another process, with its settings and its calls."""
    runs = Runs(path)
    runs.begin(RUN)
    runs.write("a", [send(1), send(2, State.BEGUN)])
    runs.write("a", [send(2, State.UNKNOWN)])
    runs.end("a")
    runs.close()
    again = Runs(path)
    assert again.get("a").settings == {"speed": 1}
    assert again.get("a").ended > 0
    assert again.states("a") == {"p-1": State.ANSWERED, "p-2": State.UNKNOWN}
    assert [one.original for one in again.sends("a")] == ["r-1", "r-2"]
    assert again.one("a", "p-1") == send(1)
    assert again.one("a", "p-3") is None
    assert [one.run for one in again.list()] == ["a"]
    again.close()


def test_what_was_sent_before_is_known(path: Path) -> None:
    """The same call to the same target is told with its run; what was never sent is not."""
    runs = Runs(path)
    runs.begin(RUN)
    runs.write("a", [send(1), send(2, State.UNSENT), send(3, State.UNKNOWN)])
    assert runs.replayed("r-1", 1, "http://x") == "a"
    assert runs.replayed("r-3", 3, "http://x") == "a"
    assert runs.replayed("r-2", 2, "http://x") == ""
    assert runs.replayed("r-1", 1, "http://y") == ""
    assert runs.replayed("r-1", 9, "http://x") == ""
    runs.forget("a")
    assert runs.replayed("r-1", 1, "http://x") == ""
    runs.close()


def test_what_was_begun_is_known_until_it_ends(path: Path) -> None:
    """A process that dies leaves calls that were begun, which every question about them tells."""
    runs = Runs(path)
    runs.begin(RUN)
    runs.write("a", [send(1, State.BEGUN), send(2, State.BEGUN), send(3, State.BEGUN)])
    runs.write("a", [send(1), send(2, State.UNSENT)])
    runs.close()
    as_left = path.read_bytes()
    for question in (
        lambda file: file.replayed("r-3", 3, "http://x") == "a",
        lambda file: file.one("a", "p-3").state is State.BEGUN,
        lambda file: [one.original for one in file.sends("a")] == ["r-1", "r-2", "r-3"],
        lambda file: file.states("a")["p-3"] is State.BEGUN,
    ):
        path.write_bytes(as_left)
        again = Runs(path)
        assert question(again)
        assert again.states("a") == {
            "p-1": State.ANSWERED,
            "p-2": State.UNSENT,
            "p-3": State.BEGUN,
        }
        again.close()


def test_a_call_that_is_tried_again_is_begun_again(path: Path) -> None:
    """A crash in the second part of a run is not hidden by what the first part knew."""
    runs = Runs(path)
    runs.begin(RUN)
    runs.write("a", [send(1, State.UNSENT), send(2, State.UNKNOWN)])
    runs.close()
    second = Runs(path)
    second.states("a")
    second.write("a", [send(1, State.BEGUN), send(2, State.BEGUN), send(3, State.BEGUN)])
    second.close()
    third = Runs(path)
    assert set(third.states("a").values()) == {State.BEGUN}
    third.close()


def test_another_process_may_look_meanwhile(path: Path) -> None:
    """Whoever looks at a run that goes on changes nothing of how it ends."""
    runs, other = Runs(path), Runs(path)
    runs.begin(RUN)
    runs.write("a", [send(1, State.BEGUN), send(2, State.BEGUN)])
    assert set(other.states("a").values()) == {State.BEGUN}
    runs.write("a", [send(1), send(2, State.UNSENT)])
    assert other.states("a") == runs.states("a") == {"p-1": State.ANSWERED, "p-2": State.UNSENT}
    runs.close()
    other.close()


OF_BEFORE = """
CREATE TABLE runs (
  run TEXT PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER,
  source TEXT NOT NULL, target TEXT NOT NULL, total INTEGER NOT NULL, settings BLOB NOT NULL
);
CREATE TABLE sends (
  run TEXT NOT NULL, place TEXT NOT NULL, original TEXT NOT NULL, started INTEGER NOT NULL,
  state INTEGER NOT NULL, record BLOB NOT NULL,
  UNIQUE (run, place)
);
CREATE INDEX by_original ON sends (original, started);
PRAGMA application_id = 0x51475255;
PRAGMA user_version = 1;
"""


def test_a_file_of_before_is_read(path: Path) -> None:
    """A file in which each call has a row of its own is gone on with."""
    old = sqlite3.connect(path, isolation_level=None)
    old.executescript(OF_BEFORE)
    for one in (send(1), send(2, State.BEGUN)):
        values = ("a", one.place, one.original, one.started, one.state, msgspec.msgpack.encode(one))
        old.execute("INSERT INTO sends VALUES (?, ?, ?, ?, ?, ?)", values)
    old.close()
    for _ in range(2):
        runs = Runs(path)
        assert runs.states("a") == {"p-1": State.ANSWERED, "p-2": State.BEGUN}
        assert list(runs.sends("a")) == [send(1), send(2, State.BEGUN)]
        runs.close()


def test_a_name_is_taken_once(path: Path) -> None:
    """A second run of one name says what to do, and one that is not there what there is."""
    runs = Runs(path)
    with pytest.raises(RunsError, match="none at all"):
        runs.get("a")
    runs.begin(RUN)
    with pytest.raises(RunsError, match="replay resume a"):
        runs.begin(RUN)
    with pytest.raises(RunsError, match="there are: a"):
        runs.get("b")
    runs.close()


def test_only_its_owner_may_read_it(path: Path) -> None:
    """The file has answers in it: it is nobody else's to read."""
    Runs(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_another_file_is_refused(tmp_path: Path) -> None:
    """Garbage, a database of somebody else and a version to come are told, and left as they are."""
    garbage = tmp_path / "garbage"
    garbage.write_bytes(b"no database" * 100)
    with pytest.raises(RunsError, match="not a database"):
        Runs(garbage)
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE a (b)")
    other.close()
    with pytest.raises(RunsError, match="no file of runs"):
        Runs(tmp_path / "other")
    Runs(tmp_path / "new").close()
    new = sqlite3.connect(tmp_path / "new")
    new.execute("PRAGMA user_version = 9")
    new.close()
    with pytest.raises(RunsError, match="has version 9"):
        Runs(tmp_path / "new")
    with pytest.raises(RunsError, match="No such file"):
        Runs(tmp_path / "nowhere" / "runs")


def test_a_disk_that_is_full_is_told(path: Path) -> None:
    """What cannot be written raises with the path, and what was there before stays."""
    runs = Runs(path)
    runs.begin(RUN)
    runs.write("a", [send(1)])
    runs._file.execute("PRAGMA max_page_count = 1")
    with pytest.raises(RunsError, match=r"runs .*runs: database or disk is full"):
        runs.write("a", map(send, range(2000)))
    assert runs.states("a") == {"p-1": State.ANSWERED}
    runs.close()


def test_the_answers_are_encrypted_as_the_journal_is(path: Path) -> None:
    """With the journal's keys no answer is in the file, and without them it says what to do."""
    ring = Keyring([b"k" * 32])
    runs = Runs(path, ring)
    runs.begin(RUN)
    secret = Send(
        place="p-1",
        original="r-1",
        state=State.ANSWERED,
        after=Answer(status=200, body=b"hunter2-5e3f"),
    )
    runs.write("a", [secret])
    assert runs.one("a", "p-1") == secret
    assert list(runs.sends("a")) == [secret]
    runs.close()
    assert not any(b"hunter2" in file.read_bytes() for file in path.parent.iterdir())
    without = Runs(path)
    assert without.states("a") == {"p-1": State.ANSWERED}
    with pytest.raises(RunsError, match="is encrypted"):
        without.one("a", "p-1")
    without.close()
