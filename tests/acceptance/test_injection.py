"""What a client says in its headers, and a worker in its own, stays what it is, on RabbitMQ."""

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from contracts import logs
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Broker, Delivery, Message, Queue
from ingress.gateway import Gateway, Settings
from ingress.guard.limits import MOST
from ingress.supervisor import listen
from tests.harness.waiting import eventually

ROUTES: Final = f"""
connections: {{max_header_size: {MOST}B, max_url: {MOST}B, max_headers: 1000}}
defaults: {{timeout: 5s, retry: off, breaker: off, log: false}}
services: {{raw: {{dialect: raw}}}}
routes:
  - {{route: "ANY /raw/{{rest...}}", operation: raw.take}}
"""
# RabbitMQ acts on these where they are headers of a message; others are the gateway's own words.
TELLING: Final = (
    *("CC", "BCC", "x-death", "x-delay", "x-match", "x-stream-offset", "x-priority"),
    *("x-operation", "x-deadline", "x-attempt", "x-path", "x-replay", "x-caller"),
    *("x-status", "x-error-code", "x-param-rest", "x-header-host", "reply-to", "correlation-id"),
    *("expiration", "message-id", "user-id", "delivery-mode", "routing-key", "type", "app-id"),
)
OWN: Final = re.compile(r"x-(header|param)-.*|x-[a-z-]+|traceparent|tracestate")
_STATUS: Final = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")


class Post:
    """A gateway, a queue of its own behind it, and the messages that came."""

    def __init__(self, gateway: Gateway, broker: Broker, port: int) -> None:
        self.gateway = gateway
        self.port = port
        self.came: list[Message] = []
        # What the consumer answers with.
        self.headers: dict[str, Any] = {}
        self._broker = broker
        self.states: list[str] = []
        broker.watch(lambda state, _: self.states.append(state.value))

    def take(self, delivery: Delivery) -> None:
        """Keep the message, and answer it."""
        message = delivery.message
        self.came.append(message)
        answer = Message(
            headers=self.headers, correlation_id=message.correlation_id, type="res", body=b"ok"
        )
        self._broker.publish(answer, routing_key=message.reply_to)
        delivery.ack()

    async def ask(self, *lines: bytes, target: bytes = b"/raw/x") -> bytes:
        """Send one request, and read all until the gateway closes."""
        head = b"\r\n".join((b"GET " + target + b" HTTP/1.1", b"Host: a", *lines))
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(head + b"\r\nConnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        return answer

    async def status(self, *lines: bytes, target: bytes = b"/raw/x") -> int:
        """Give the status of the one answer that comes."""
        statuses = _STATUS.findall(await self.ask(*lines, target=target))
        assert len(statuses) == 1
        return int(statuses[0])


@pytest.fixture
async def post(tmp_path: Path, vhost_url: str) -> AsyncIterator[Post]:
    config = tmp_path / "gateway.yaml"
    config.write_text(ROUTES)
    gateway = Gateway(
        Settings(config=config, broker=vhost_url, drain_timeout=2),
        open_broker(vhost_url, name="gateway"),
        logs.configure(stream=io.StringIO()),
    )
    broker = open_broker(vhost_url, name="consumer")
    broker.start()
    await broker.ready(10)
    public, private = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    post = Post(gateway, broker, public.getsockname()[1])
    await broker.declare(Queue(name="raw"))
    await broker.consume("raw", post.take, prefetch=100)
    await gateway.start(public, private)
    try:

        async def answers() -> bool:
            return await post.status() == 200

        await eventually(answers, within=10)
        post.came.clear()
        yield post
    finally:
        await gateway.stop()
        await broker.close()
        public.close()
        private.close()


async def test_no_field_of_a_client_is_a_word_of_the_gateway_or_of_the_broker(post: Post) -> None:
    """Each has its prefix: it neither routes the message, nor speaks for the gateway."""
    lines = [f"{name}: evil".encode() for name in TELLING]
    assert await post.status(*lines) == 200
    (message,) = post.came
    evil = {name for name, value in message.headers.items() if "evil" in str(value)}
    assert evil
    assert all(name.startswith("x-header-") for name in evil)
    assert message.headers["x-operation"] == "raw.take"
    assert message.headers["x-path"] == "/raw/x"
    assert all(OWN.fullmatch(name) for name in message.headers)
    told = (message.type, message.app_id, message.expiration_ms, message.persistent)
    assert "evil" not in str(told)
    assert "evil" not in message.reply_to + message.correlation_id + message.message_id


async def test_no_length_and_no_byte_costs_more_than_its_own_request(post: Post) -> None:
    """It is carried as it is or refused as the client's fault, and the connection stays."""
    long = b"v" * 20_000
    values = [bytes([byte]) * 40 for byte in (*range(0x20, 0x7F), *range(0x80, 0x100), 9)]
    cases: list[tuple[bytes, ...]] = [
        *((b"X: a" + value + b"a",) for value in values),
        *((b"n" * size + b": v",) for size in (118, 119, 120, 127, 128, 129, 255, 256, 4000)),
        *((b"X" + bytes([byte]) + b"Y: v",) for byte in b"!#$%&'*+-.^_`|~"),
        *((b"Content-Type: " + b"a" * size,) for size in (254, 255, 256, 4000)),
        *((b"Content-Encoding: " + b"a" * size,) for size in (254, 255, 256, 4000)),
        *((b"Content-Type: " + bytes([byte]) * 200,) for byte in (0x80, 0xFF)),
        *((b"X-Request-ID: " + b"a" * size,) for size in (128, 255, 256, 4000)),
        (b"Traceparent: 00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01", b"Tracestate: " + long),
        (b"X: " + long, b"Cookie: " + long[:9000]),
        (b"X: " + b"\xff" * 32_000,),
        tuple(b"X%d: \xff" % number for number in range(990)),
    ]
    statuses = [await post.status(*lines) for lines in cases]
    assert set(statuses) == {200, 400}
    assert statuses.count(400) < 20
    for target in (b"/raw/" + b"%00" * 100, b"/raw/" + b"a" * 32_000, b"/raw/x?" + b"q" * 32_000):
        assert await post.status(target=target) == 200
    assert await post.status() == 200
    # As many messages as calls that were answered, none of them in parts, and no reconnection.
    assert len(post.came) == statuses.count(200) + 4
    assert post.states == []


async def test_all_that_a_header_section_may_hold_goes_into_one_message(post: Post) -> None:
    """In the most bytes that it can become: AMQP has one frame for the headers of a message."""
    path = b"/raw/" + b"a" * 14_000
    fields = tuple(b"%x:\xff\xff\xff\xff\xff\xff" % (0xA000 + number) for number in range(990))
    fitting = fields[: (MOST - len(path) - 200) // (len(fields[0]) + 2)]
    assert await post.status(*fitting, target=path) == 200
    assert len(post.came[0].headers) > len(fitting)
    assert post.states == []


@pytest.mark.parametrize(
    "name,value",
    [
        ("x-header-x", "a\r\nSet-Cookie: evil=1"),
        ("x-header-x", "a\nSet-Cookie: evil=1"),
        ("x-header-x", "a\r\n\r\nHTTP/1.1 200 OK\r\n\r\nevil"),
        ("x-header-x", "a\x00"),
        ("x-header-x\r\nset-cookie: evil=1", "a"),
        ("x-header-set cookie", "evil"),
        ("x-header-x:evil", "a"),
        ("x-header-x", ["a", "b\r\nSet-Cookie: evil"]),
        ("x-header-x", "\u0100 evil"),
        ("x-header-", "evil"),
        ("x-status", "200 OK\r\nSet-Cookie: evil=1"),
        ("x-status", 99),
    ],
)
async def test_no_word_of_a_worker_ends_its_line(name: str, value: object, post: Post) -> None:
    """A reply that HTTP cannot carry is 502, and none of it is sent."""
    post.headers = {name: value}
    answer = await post.ask()
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"bad_reply" in answer
    assert b"evil" not in answer
    post.headers = {}
    assert await post.status() == 200


async def test_a_worker_does_not_frame_the_answer(post: Post) -> None:
    """Its words about the connection and the length are its own; so is the date."""
    words = ("transfer-encoding", "content-length", "connection", "trailer", "upgrade", "date")
    post.headers = dict.fromkeys([f"x-header-{name}" for name in words], "1")
    post.headers["x-header-x"] = "kept"
    answer = await post.ask()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b"ok"
    assert b"\r\nx: kept" in head
    lines = [line.partition(b":")[0] for line in head.split(b"\r\n")[1:]]
    assert len(set(lines)) == len(lines)
    assert b"transfer-encoding" not in lines
    assert b"content-length: 2" in head
