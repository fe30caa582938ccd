"""What a gateway needs, and what is wrong with it."""

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from contracts.brokers.memory import MemoryHub
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Delivery, Queue
from ingress import doctor, routefile
from ingress.doctor import Finding, Verdict
from tests.harness.ports import free_port

TEXT = """\
services: {shop: {module: 'shop.app:service'}}
routes:
  - {route: GET /a, operation: shop.get}
  - {route: POST /a, operation: shop.create}
"""
FILE = routefile.parse(TEXT.encode(), source="g.yaml", environment={})
NOWHERE = ("127.0.0.1", 1)


def ignore(delivery: Delivery) -> None:
    """Take a delivery and do nothing with it."""


async def look(hub: MemoryHub, text: str = TEXT) -> list[Finding]:
    file = routefile.parse(text.encode(), source="g.yaml", environment={})
    client = open_broker("memory://", name="doctor", hub=hub)
    return await doctor.look_at_broker("memory://", client, file, within=1)


def test_a_route_file_that_is_right_is_one_finding() -> None:
    """With the number of its routes."""
    file, (found,) = doctor.look_at_config(lambda: FILE)
    assert file is FILE
    assert (found.verdict, found.what, found.detail) == (Verdict.WELL, "g.yaml", "2 routes")


def test_each_problem_of_the_route_file_is_a_finding() -> None:
    """With its place, and what to do."""
    file, found = doctor.look_at_config(
        lambda: routefile.parse(b"routes: 5\nbrokr: x", source="g.yaml", environment={})
    )
    assert file is None
    assert [(one.verdict, one.what) for one in found] == [
        (Verdict.WRONG, "g.yaml:1:9"),
        (Verdict.WRONG, "g.yaml:2:1"),
    ]
    assert found[1].advice == "did you mean broker?"


async def test_a_queue_that_is_not_there_is_wrong() -> None:
    """And the advice is the command that starts its worker."""
    broker, queue = await look(MemoryHub())
    assert (broker.verdict, queue.verdict) == (Verdict.WELL, Verdict.WRONG)
    assert queue.detail == "is not there; 2 routes would answer 503"
    assert queue.advice == "start a worker: queuegate worker shop.app:service"


async def test_what_is_to_be_started_is_said_as_well_as_it_is_known() -> None:
    """A raw consumer is no worker of ours, and a worker may be of another language."""
    text = "services: {old: {dialect: raw}, new: {}}\nroutes:\n"
    text += "  - {route: GET /a, operation: old.get}\n  - {route: GET /b, operation: new.get}"
    _, old, new = await look(MemoryHub(), text)
    assert old.advice == "start the consumer that declares the queue old"
    assert (
        new.advice == "start a worker: queuegate worker MODULE:SERVICE, or one in another language"
    )


async def test_a_queue_that_nobody_consumes_is_wrong() -> None:
    """Calls would wait until their deadline."""
    hub = MemoryHub()
    worker = open_broker("memory://", name="worker", hub=hub)
    worker.start()
    await worker.ready(1)
    await worker.declare(Queue(name="shop"))
    _, queue = await look(hub)
    assert (queue.verdict, queue.what) == (Verdict.WRONG, "queue shop")
    assert "nobody consumes, 0 waiting" in queue.detail
    await worker.consume("shop", ignore, prefetch=1)
    _, queue = await look(hub)
    assert (queue.verdict, queue.detail) == (Verdict.WELL, "1 consumer, 0 waiting, 2 routes")
    await worker.close()


async def test_the_bindings_of_an_exchange_are_unknown() -> None:
    """They cannot be counted from here, which is not wrong."""
    text = "routes: [{route: GET /a, operation: s.o, exchange: bus}]"
    _, exchange = await look(MemoryHub(), text)
    assert (exchange.verdict, exchange.what) == (Verdict.UNKNOWN, "exchange bus")


async def test_a_broker_that_cannot_be_reached_is_wrong() -> None:
    """It is told with its address, without the password, and with what to check."""
    url = f"amqp://user:secret@127.0.0.1:{free_port()}/"
    client = open_broker(url, name="doctor")
    (found,) = await doctor.look_at_broker(url, client, FILE, within=0.3)
    assert found.verdict is Verdict.WRONG
    assert "cannot be reached" in found.detail
    assert "secret" not in found.detail
    assert "Check BROKER_URL" in found.advice


async def test_a_real_broker_is_looked_into(vhost_url: str) -> None:
    """On RabbitMQ the same questions have the same answers."""
    client = open_broker(vhost_url, name="doctor")
    broker, queue = await doctor.look_at_broker(vhost_url, client, FILE, within=5)
    assert broker.verdict is Verdict.WELL
    assert queue.detail == "is not there; 2 routes would answer 503"


def test_the_embedded_broker_needs_nothing() -> None:
    """There is nothing to reach."""
    (found,) = doctor.embedded("memory://")
    assert found.verdict is Verdict.WELL


def test_a_port_is_free_or_taken() -> None:
    """A taken one comes with the option that chooses another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = doctor.look_at_port("p", "127.0.0.1", port, admin=NOWHERE, option="--port")
        assert found.verdict is Verdict.WRONG
        assert "--port" in found.advice
    found = doctor.look_at_port("p", "127.0.0.1", port, admin=NOWHERE, option="--port")
    assert (found.verdict, found.detail) == (Verdict.WELL, f"127.0.0.1:{port} is free")


class Admin(BaseHTTPRequestHandler):
    """An admin port that says who it is."""

    about = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.about)

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@pytest.mark.parametrize(
    "about, verdict",
    [
        (b'{"service": "queuegate"}', Verdict.WELL),
        (b'{"service": "another"}', Verdict.WRONG),
        (b"[]", Verdict.WRONG),
        (b"hello", Verdict.WRONG),
    ],
)
def test_a_port_that_our_own_gateway_serves_is_fine(
    about: bytes, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The admin port says who it is, so a doctor beside a running gateway is content."""
    monkeypatch.setattr(Admin, "about", about)
    with HTTPServer(("127.0.0.1", 0), Admin) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        admin = ("127.0.0.1", server.server_port)
        found = doctor.look_at_port("p", *admin, admin=admin, option="--port")
        thread.join()
    assert found.verdict is verdict
