"""``queuegate dlq``, on a real RabbitMQ."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Queuegate
from tests.harness.processes import ROOT, ChildProcess
from tests.harness.waiting import wait_until
from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.letter_queue import fill, ids
from tests.ingress.graveyard import dead


@pytest.fixture
def url(vhost_url: str, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> str:
    """The broker of the test, as every command finds it in the environment."""
    monkeypatch.setenv("BROKER_URL", vhost_url)
    return vhost_url


def test_list_counts_by_reason(cli: Cli, url: str) -> None:
    """The queues of the route file's services are told: how many letters, why and how old."""
    told = cli("dlq", "list")
    assert told.code == 0
    assert "not there: no worker has made it" in told.out
    fill(url, dead("1", "expired", ago=7200), dead("2", ago=65), dead("3"))
    told = cli("dlq", "list")
    assert told.out.splitlines()[1].split() == [
        *("shop.dead", "3", "2h", "0s"),
        *("worker_error", "2,", "expired", "1"),
    ]
    told = cli("dlq", "list", "--queue", "shop", "--json")
    assert json.loads(told.out)[0]["reasons"] == {"worker_error": 2, "expired": 1}


def test_show_is_a_table_or_json_or_one_letter(cli: Cli, url: str) -> None:
    """Letters are shown in a table, as JSON, and one of them with all that it says."""
    fill(url, dead("1", "expired"), dead("2", body=b'{"sku": "tea"}'), dead("3"))
    told = cli("dlq", "show", "shop", "--reason", "worker_error", "--limit", "1")
    assert told.out.splitlines()[1].split() == [
        *("0s", "1", "worker_error", "shop.add", "2"),
        '{"sku":"tea"}',
    ]
    told = cli("dlq", "show", "shop", "--json", "--newer", "1h", "--header", "x-deadline=5")
    assert [one["id"] for one in json.loads(told.out)] == ["1", "2", "3"]
    told = cli("dlq", "show", "shop", "--id", "2")
    assert "ago in shop: worker_error: it failed" in told.out
    assert ids(url) == ["1", "2", "3"]


def test_nothing_to_show_is_no_failure(cli: Cli, url: str) -> None:
    """An empty queue, and a filter that nothing fits, are told with exit code 0."""
    fill(url)
    assert cli("dlq", "show", "shop") == (0, "no dead letters in shop.dead\n", "")
    told = cli("dlq", "requeue", "shop", "--all")
    assert (told.code, "no dead letters in shop.dead" in told.err) == (0, True)
    fill(url, dead("1"))
    told = cli("dlq", "show", "shop", "--reason", "expired")
    assert (told.code, told.out) == (0, "no dead letters in shop.dead fit reason=expired\n")


def test_requeue_sends_what_fits(cli: Cli, url: str, tmp_path: Path) -> None:
    """One line a letter in a pipe, the sum beside it, and who did it in the audit file."""
    fill(url, dead("1"), dead("2", "expired"), dead("3"))
    told = cli("dlq", "requeue", "shop", "--reason", "worker_error", "--dry-run")
    assert "would have requeued 2 of the 3 dead letters of shop.dead" in told.err
    assert ids(url) == ["1", "2", "3"]
    words = ("--reason", "worker_error", "--timeout", "5m", "--rate", "100", "--audit", "a.jsonl")
    told = cli("dlq", "requeue", "shop", *words)
    assert (told.code, told.out) == (0, "requeued 1 -> shop\nrequeued 3 -> shop\n")
    assert "requeued 2 of the 3 dead letters of shop.dead" in told.err
    assert (ids(url), ids(url, "shop")) == (["2"], ["1", "3"])
    last = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[-1])
    assert (last["action"], last["done"], last["filter"]) == ("requeue", 2, "reason=worker_error")


def test_what_cannot_be_sent_is_told_and_stays(cli: Cli, url: str) -> None:
    """A letter whose queue is gone stays where it is, and the exit code is 1."""
    fill(url, dead("1", queue="gone"), dead("2"))
    told = cli("dlq", "requeue", "shop", "--all")
    assert told.code == 1
    assert told.out.splitlines()[0].startswith("failed 1 no_route")
    assert ids(url) == ["1"]
    told = cli("dlq", "requeue", "shop", "--id", "1", "--to", "shop", "--json")
    assert (told.code, json.loads(told.out)["done"]) == (0, 1)


def test_drop_needs_a_yes(cli: Cli, url: str) -> None:
    """Where nobody can be asked, dropping needs ``--yes``."""
    fill(url, dead("1"), dead("2"))
    told = cli("dlq", "drop", "shop", "--all")
    assert (told.code, "--yes is needed" in told.err) == (2, True)
    told = cli("dlq", "drop", "shop", "--id", "1", "--yes")
    assert (told.code, told.out) == (0, "dropped 1\n")
    assert ids(url) == ["2"]


def test_what_is_not_there_and_what_makes_no_sense(cli: Cli, url: str) -> None:
    """A queue that is not there is exit code 1, wrong usage is 2."""
    for words in (("show", "nowhere"), ("requeue", "nowhere", "--all"), ("list", "--queue", "no")):
        told = cli("dlq", *words)
        assert told.code == 1
        assert "there is no queue no" in told.err
    fill(url, dead("1"))
    assert cli("dlq", "requeue", "shop", "--all", "--to", "nowhere").code == 1
    for usage in (
        "requeue shop",
        "requeue shop --all --to shop.dead",
        "show shop --newer 5",
        "show shop --header x",
    ):
        assert cli("dlq", *usage.split()).code == 2
    assert ids(url) == ["1"]


def test_the_embedded_broker_is_elsewhere(cli: Cli) -> None:
    """The embedded broker lives in another process: the command says where to ask."""
    told = cli("dlq", "list")
    assert told.code == 1
    assert '$(queuegate admin token)" http://127.0.0.1:8001/dlq' in told.err


def test_killed_between_confirm_and_ack_leaves_a_duplicate(url: str, tmp_path: Path) -> None:
    """A requeue that is killed after the confirm and before the ack loses nothing."""
    fill(url, *[dead(str(number)) for number in range(5)])
    program = (
        "import os, signal, sys\n"
        "from contracts.brokers.rabbitmq import pull\n"
        "from ingress.cli import main\n"
        "def die(self):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "pull.PulledDelivery.ack = die\n"
        "sys.argv = ['queuegate', 'dlq', 'requeue', 'shop', '--all']\n"
        "main()\n"
    )
    env = {"PYTHONPATH": str(ROOT)}
    with ChildProcess([sys.executable, "-c", program], tmp_path / "log", env, tmp_path) as child:
        assert child.wait() == -signal.SIGKILL
    wait_until(lambda: len(ids(url)) == 5, 10, "the letters are back in their place")
    assert ids(url) == ["0", "1", "2", "3", "4"]
    assert ids(url, "shop") == ["0"]


def test_killed_anywhere_loses_nothing(url: str, queuegate: Queuegate) -> None:
    """A requeue that is killed in the middle leaves every letter in one queue or the other."""
    everybody = {str(number) for number in range(400)}
    fill(url, *[dead(name) for name in everybody])
    child = queuegate("dlq", "requeue", "shop", "--all", "--rate", "400")
    child.wait_for_output("requeued")
    time.sleep(0.2)  # anywhere: there is no condition to wait for
    child.kill()
    wait_until(
        lambda: set(ids(url)) | set(ids(url, "shop")) == everybody, 10, "every letter is somewhere"
    )
    assert 0 < len(ids(url)) < 400
    assert len(ids(url)) + len(ids(url, "shop")) <= 401
