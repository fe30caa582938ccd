"""``queuegate doctor``."""

import json
import socket
from pathlib import Path

from tests.harness.ports import free_port
from tests.ingress.cli.conftest import Cli


def ports() -> list[str]:
    return ["--port", str(free_port()), "--admin-port", str(free_port())]


def test_all_is_well_on_the_embedded_broker(cli: Cli) -> None:
    """One line a finding, and exit code 0."""
    told = cli("doctor", *ports())
    assert told.code == 0
    assert [line.split()[0] for line in told.out.splitlines()] == ["ok"] * 4


def test_what_is_wrong_comes_with_what_to_do(cli: Cli, tmp_path: Path) -> None:
    """Exit code 1, and an arrow with the advice; all things are looked at all the same."""
    (tmp_path / "gateway.yaml").write_text("routes: 5\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = cli("doctor", "--port", port, "--admin-port", str(free_port()))
    assert told.code == 1
    assert "wrong  gateway.yaml:1:9  routes: this must be a list, not a number" in told.out
    assert "-> stop what is there, or choose another with --port" in told.out
    assert "ok     admin port" in told.out


def test_scripts_get_json(cli: Cli) -> None:
    """With a verdict for each finding and one for all."""
    broker = f"amqp://u:secret@127.0.0.1:{free_port()}/"
    told = cli("doctor", "--json", "--broker", broker, "--timeout", "0.2", *ports())
    document = json.loads(told.out)
    assert (told.code, document["ok"]) == (1, False)
    verdicts = {one["what"]: one["verdict"] for one in document["findings"]}
    assert verdicts["gateway.yaml"] == "ok"
    assert verdicts["broker"] == "wrong"
    assert "secret" not in told.out


def test_queues_are_looked_for_on_the_broker(cli: Cli, vhost_url: str) -> None:
    """A route whose queue is not there is told before a client finds out."""
    told = cli("doctor", "--broker", vhost_url, *ports())
    assert told.code == 1
    assert "wrong  queue shop    is not there; 2 routes would answer 503" in told.out
    assert "-> start a worker: queuegate worker nowhere.shop:service" in told.out
