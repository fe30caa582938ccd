"""Where the time of a call goes when there is only one: ``python -m bench.hops [--seconds N]``.

A call crosses the broker twice: from the gateway to a worker, and back. Here a client with nothing
in it but a blocking socket sends a message of 300 bytes through RabbitMQ to itself, waits for it,
and sends the next: one crossing. Beside it the same over a plain TCP connection to an echo, which
is what any client and server pay for being two processes. So two crossings and one echo are what no
gateway can be faster than, whatever it is written in.

Prints the medians in milliseconds, and the floor that they make; ``bench/out/hops.json`` has them
for docs/performance.md.
"""

import argparse
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import Process
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec
import pamqp.frame
from pamqp import commands
from pamqp.base import Frame
from pamqp.header import ProtocolHeader

from bench.places import OUT
from contracts.brokers.port import Message
from contracts.brokers.rabbitmq import frames
from tests.harness.rabbitmq import PrivateRabbitMQ, find_broker

SIZE: Final = 300
NAME: Final = "hops.json"
_QUEUE: Final = "bench-hops"
_PATIENCE: Final = 10.0
_CHANNEL: Final = 1


class Floor(msgspec.Struct, frozen=True):
    """What was measured, in milliseconds."""

    echo: float
    crossing: float

    @property
    def call(self) -> float:
        """What one call takes at the least."""
        return self.echo + 2 * self.crossing


class Client:
    """As little of an AMQP client as a message needs to come back."""

    def __init__(self, url: str) -> None:
        """Connect, and consume from a queue of our own."""
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port or 5672), _PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data = b""
        self._socket.sendall(ProtocolHeader().marshal())
        self._wait(commands.Connection.Start)
        secret = f"\0{unquote(parts.username or '')}\0{unquote(parts.password or '')}"
        self._say(commands.Connection.StartOk({}, "PLAIN", secret), 0)
        self._wait(commands.Connection.Tune)
        self._say(commands.Connection.TuneOk(1, 131_072, 0), 0)
        self._say(commands.Connection.Open(unquote(parts.path[1:]) or "/"), 0)
        self._wait(commands.Connection.OpenOk)
        for ask, answer in (
            (commands.Channel.Open(), commands.Channel.OpenOk),
            (commands.Queue.Declare(queue=_QUEUE, exclusive=True), commands.Queue.DeclareOk),
            (commands.Basic.Consume(queue=_QUEUE, no_ack=True), commands.Basic.ConsumeOk),
        ):
            self._say(ask, _CHANNEL)
            self._wait(answer)
        self._message = frames.publish(
            Message(body=bytes(SIZE)),
            channel=_CHANNEL,
            exchange="",
            routing_key=_QUEUE,
            mandatory=False,
            frame_max=131_072,
        )

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def cross(self) -> None:
        """Send a message, and wait until it has come back whole."""
        self._socket.sendall(self._message)
        got = b""
        # The body's frame is the last, and its bytes are all zero but for the end.
        while not got.endswith(bytes(SIZE) + frames.END):
            got += self._read()

    def _say(self, method: Frame, channel: int) -> None:
        self._socket.sendall(pamqp.frame.marshal(method, channel))

    def _wait(self, kind: type) -> None:
        while True:
            size, _, method = pamqp.frame.unmarshal(self._data) if self._data else (0, 0, None)
            self._data = self._data[size:]
            if isinstance(method, kind):
                return
            if not size:
                self._data += self._read()

    def _read(self) -> bytes:
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionError("the broker hung up")
        return data


def measure(step: Callable[[], None], seconds: float) -> float:
    """Give the median time of a step in milliseconds."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        step()
        times.append(time.perf_counter() - began)
    return statistics.median(times[len(times) // 10 :]) * 1000


@contextmanager
def echo() -> Iterator[Callable[[], None]]:
    """Give a step that sends bytes to another process and waits for them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = Process(target=_serve, args=(server,), daemon=True)
        process.start()
        with socket.create_connection(server.getsockname(), _PATIENCE) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def step() -> None:
                client.sendall(bytes(SIZE))
                left = SIZE
                while left:
                    left -= len(client.recv(left))

            yield step
        process.join(_PATIENCE)


def _serve(server: socket.socket) -> None:
    peer, _ = server.accept()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with peer:
        while data := peer.recv(65_536):
            peer.sendall(data)


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.hops", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each figure")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of hops.json")
    options = parser.parse_args()
    with PrivateRabbitMQ(find_broker()()) as broker:
        with echo() as step:
            ping = measure(step, options.seconds)
        with closing(Client(broker.create_vhost("hops"))) as client:
            floor = Floor(ping, measure(client.cross, options.seconds))
    print(f"an echo over TCP        {floor.echo:.3f} ms")
    print(f"a crossing of RabbitMQ  {floor.crossing:.3f} ms")
    print(f"no gateway is faster    {floor.call:.3f} ms")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / NAME).write_bytes(msgspec.json.encode(floor))
    return 0


def read(out: Path) -> Floor | None:
    """Give what was measured last; ``None``: nothing yet."""
    file = out / NAME
    return msgspec.json.decode(file.read_bytes(), type=Floor) if file.exists() else None


if __name__ == "__main__":
    sys.exit(main())
