"""What is promised against those who mean harm, or know no better."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

from tests.acceptance.stage import Stage, staged
from tests.harness.waiting import eventually

_ASK = b"GET /work?ms=10 HTTP/1.1\r\nHost: a\r\n\r\n"


async def test_a_sigterm_under_load_fails_nobody_who_got_in(tmp_path: Path, vhost_url: str) -> None:
    """Each connection is kept until the gateway says close; the next one is refused at the door."""
    async with staged(tmp_path, vhost_url) as stage:
        assert stage.gateway is not None
        outcomes: Counter[str] = Counter()
        load = [asyncio.create_task(_ask_until_refused(stage, outcomes)) for _ in range(16)]
        await eventually(lambda: outcomes["200"] > 100, within=20)
        stage.gateway.send(signal.SIGTERM)
        async with asyncio.timeout(20):
            await asyncio.gather(*load)
        assert set(outcomes) == {"200", "refused"}
        assert await asyncio.to_thread(stage.gateway.wait, 10) == 0


async def test_nothing_a_client_sends_becomes_a_dead_letter(tmp_path: Path, vhost_url: str) -> None:
    """Dead letters are kept for good: malformed requests end at the edge, and cost no disk."""
    async with staged(tmp_path, vhost_url) as stage:
        for field in (b"X : a", b": a", b"X: a\x00", b"X: a\nb", b"X\xff: a", b" X: a"):
            answer = await _raw(stage, b"GET /work HTTP/1.1\r\nHost: a\r\n" + field + b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 400 ")
        began = time.monotonic()
        assert (await _raw(stage, _ASK)).startswith(b"HTTP/1.1 200 ")
        assert time.monotonic() - began < 5
        assert sum(stage.runs().values()) == 1
        assert "made no call" not in stage.said()


async def _ask_until_refused(stage: Stage, outcomes: Counter[str]) -> None:
    """Ask again and again; count statuses, and whatever else happens."""
    while not outcomes["refused"]:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
        except ConnectionRefusedError:
            outcomes["refused"] += 1
            return
        try:
            head = b""
            while b"connection: close" not in head:
                writer.write(_ASK)
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                outcomes[head.split(b" ")[1].decode()] += 1
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            outcomes[repr(error)] += 1
        finally:
            writer.close()


async def _raw(stage: Stage, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
    writer.write(data)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.close()
    return answer
