from pathlib import Path

import pytest
import typer

from contracts.brokers.port import Broker
from contracts.fault import Fault
from ingress.cli import client
from ingress.routefile import RouteFile
from tests.harness.ports import free_port


def test_a_broker_that_is_away_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broker that cannot be reached is a sentence without the password, and exit code 1."""
    monkeypatch.setattr(client, "PATIENCE", 0.2)

    async def never(_: Broker) -> None:
        raise AssertionError

    with pytest.raises(typer.Exit) as ended:
        client.run(f"amqp://ann:secret@127.0.0.1:{free_port()}/", never)
    told = capsys.readouterr().err
    assert ended.value.exit_code == 1
    assert told.startswith("queuegate: not up within 0.2 s")
    assert "secret" not in told


def test_what_was_done_is_given_back(vhost_url: str) -> None:
    """A command gets what it asked for, and a Fault in it ends with exit code 1."""

    async def state(broker: Broker) -> str:
        return broker.state.value

    async def fail(_: Broker) -> None:
        raise Fault("no_route", "there is no queue x")

    assert client.run(vhost_url, state) == "up"
    with pytest.raises(typer.Exit):
        client.run(vhost_url, fail)


def test_the_broker_of_the_command_goes_before_that_of_the_file() -> None:
    """``--broker`` wins over the route file; without either it is wrong usage."""
    file = RouteFile.model_construct(broker="amqp://file/", routes=())
    assert client.broker_of("amqp://option/", file) == "amqp://option/"
    assert client.broker_of(None, file) == "amqp://file/"
    with pytest.raises(typer.Exit) as ended:
        client.broker_of(None, None)
    assert ended.value.exit_code == 2


def test_a_route_file_is_read_when_there_is_one(tmp_path: Path) -> None:
    """Where no route file is needed a missing one is none."""
    assert client.read_routes(tmp_path / "missing.yaml", needed=False) is None
    there = tmp_path / "gateway.yaml"
    there.write_text("routes:\n  - {route: GET /x, operation: a.b}\n")
    assert client.read_routes(there, needed=False) is not None
