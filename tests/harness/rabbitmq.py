"""A RabbitMQ for one test run, wherever it can be had, and gone afterwards."""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote, urlsplit

from tests.harness.install import can_install, install_server, installed_server
from tests.harness.management import Management
from tests.harness.nodes import ContainerNode, GivenNode, LocalNode, Node, container_engine
from tests.harness.waiting import wait_until

URL_VARIABLE: Final = "QUEUEGATE_TEST_BROKER_URL"
MANAGEMENT_VARIABLE: Final = "QUEUEGATE_TEST_BROKER_MANAGEMENT_URL"

# An image may have to be fetched, and a laptop may be busy; a node is up in 5 to 6 s.
_BOOT_SECONDS: Final = 120.0

_NO_BROKER: Final = f"""\
The tests need a RabbitMQ of their own, and none was found. One of these helps:
  - install the server: apt-get install rabbitmq-server, or brew install rabbitmq
    (as root on Debian or Ubuntu the tests install it by themselves)
  - start docker or podman, which they use when its engine answers
  - name one: {URL_VARIABLE}=amqp://user:password@host:5672 together with
    {MANAGEMENT_VARIABLE}=http://user:password@host:15672 (that user must be an administrator)
  - leave out what needs a broker, on a laptop only: QUEUEGATE_TEST_NO_BROKER=1
"""


class NoBrokerError(RuntimeError):
    """There is no RabbitMQ for the tests, and the message says what to do."""


class PrivateRabbitMQ:
    """A RabbitMQ node of our own; a context manager, for tests, benchmarks and fault tests.

    ::

        with PrivateRabbitMQ() as rabbitmq:
            rabbitmq.create_vhost("one")
            connection = await aio_pika.connect(rabbitmq.url("one"))

    Data, vhosts and ports stay the same over `kill` and `restart`.
    """

    def __init__(self, node: Node | None = None) -> None:
        self._node = node or find_broker()()
        self.management = Management(self._node.management_url)

    def __repr__(self) -> str:
        return f"<PrivateRabbitMQ {type(self._node).__name__} {self._node.url}>"

    def __enter__(self) -> Self:
        try:
            self.restart()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the node and remove all that it wrote. Harmless the second time."""
        self.management.close()
        self._node.discard()

    @property
    def management_url(self) -> str:
        """HTTP URL of the management API (the part before ``/api``), with user and password."""
        return self._node.management_url

    @property
    def data(self) -> Path | None:
        """The folder where the node keeps what it is given, if it can be seen from here."""
        return self._node.data if isinstance(self._node, LocalNode) else None

    def url(self, vhost: str = "/") -> str:
        """Return the AMQP URL of a vhost."""
        return f"{self._node.url}/{quote(vhost, safe='')}"

    def create_vhost(self, name: str) -> str:
        """Create a vhost in which our user may do everything (20 ms); return its AMQP URL."""
        self.management.create_vhost(name)
        return self.url(name)

    def delete_vhost(self, name: str) -> None:
        """Delete a vhost with all that is in it (30 ms); clients in it are cut off."""
        self.management.delete_vhost(name)

    def close_connections(self, vhost: str) -> None:
        """Close a vhost's connections from the broker's side (0.5 s): clients get a goodbye."""
        self._node.ctl("close_all_connections", "--vhost", vhost, "a test closes them all")

    def delete_queue(self, vhost: str, name: str) -> None:
        """Delete a queue as an operator can, though it is exclusive to a connection (0.5 s)."""
        self._node.ctl("delete_queue", "--vhost", vhost, name)

    def kill(self) -> None:
        """End the node as a power cut would: no goodbye to its clients. Its data stay (0.4 s)."""
        # RabbitMQ's metadata reach the disk with a delay of seconds, those of quorum queues too. A
        # vhost or queue that is gone after a restart now and then would make a test of anything
        # else fail by chance.
        with suppress(RuntimeError):  # dead already
            self._node.ctl("eval", "catch mnesia:sync_log(), [dets:sync(T) || T <- dets:all()].")
        self._node.kill()

    def freeze(self) -> None:
        """Stop the node in its tracks: connections stay open, and nothing answers."""
        self._node.freeze()

    def thaw(self) -> None:
        """Let a frozen node go on."""
        self._node.thaw()

    def restart(self) -> None:
        """Start the node, after `kill` too, on the same ports and data; wait until it is ready."""
        self._node.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until it takes connections."""
        wait_until(self._ready, within=_BOOT_SECONDS, what="RabbitMQ is ready")

    def revive(self) -> None:
        """Restart the node if it does not answer: a test that killed it may have failed."""
        if not self._ready_now():
            self._node.kill()
            self.restart()

    def stop_app(self) -> None:
        """Stop the broker in good order, with the node left running: clients get a goodbye."""
        self._node.ctl("stop_app")

    def start_app(self) -> None:
        """Start the broker again after `stop_app`; wait until it is ready."""
        self._node.ctl("start_app")
        self.wait_until_ready()

    def block_publishers(self) -> None:
        """Raise the memory alarm: who publishes gets ``connection.blocked`` and is read no more.

        The first message of each connection still gets through.
        """
        self._node.ctl("set_vm_memory_high_watermark", "absolute", "1")

    def unblock_publishers(self) -> None:
        """End the memory alarm: ``connection.unblocked``."""
        self._node.ctl("set_vm_memory_high_watermark", "absolute", "1GB")

    def fill_disk(self) -> None:
        """Raise the disk alarm, as a full disk would: it does the same as `block_publishers`."""
        self._node.ctl("set_disk_free_limit", "100000GB")

    def empty_disk(self) -> None:
        """End the disk alarm."""
        self._node.ctl("set_disk_free_limit", "20MB")

    def _ready(self) -> bool:
        if reason := self._node.died():
            raise RuntimeError(reason)
        return self._ready_now()

    def _ready_now(self) -> bool:
        return _speaks_amqp(self._node.url) and self.management.answers()


def find_broker() -> Callable[[], Node]:
    """Find a way to have a RabbitMQ: given by URL, installed, installable, or in a container.

    Installing takes about 15 s. Nothing is started yet: the node is made by calling the answer.

    Raises:
        NoBrokerError: there is none, and what to do about it.
    """
    if url := os.environ.get(URL_VARIABLE):
        management = os.environ.get(MANAGEMENT_VARIABLE)
        if not management:
            message = f"{URL_VARIABLE} is set, so {MANAGEMENT_VARIABLE} must be too"
            raise NoBrokerError(message)
        return partial(GivenNode, url, management)
    server = installed_server()
    if server is None and can_install():
        server = install_server()
    if server is not None:
        return partial(LocalNode, server)
    if engine := container_engine():
        return partial(ContainerNode, engine)
    raise NoBrokerError(_NO_BROKER)


def _speaks_amqp(url: str) -> bool:
    """Say hello in AMQP 0-9-1 (section 4.2.2): a broker answers with a method frame, type 1."""
    place = urlsplit(url)
    try:
        with socket.create_connection((place.hostname, place.port or 5672), timeout=2) as hello:
            hello.sendall(b"AMQP\x00\x00\x09\x01")
            return hello.recv(1) == b"\x01"
    except OSError:
        return False
