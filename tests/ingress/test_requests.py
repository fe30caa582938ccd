"""Requests with two readings, or none: each is refused, or reaches a worker once and whole."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Final

import pytest

from contracts.call import Call, Reply
from queuegate import Service
from tests.harness.waiting import eventually
from tests.ingress.embedded_broker import lived_in
from tests.ingress.requests import Case, cases

CASES: Final = cases()
ROUTES: Final = """
defaults: {max_body: 1000B, log: false}
routes:
  - {route: ANY /, operation: recorder.record}
  - {route: "ANY /{rest...}", operation: recorder.record}
"""
# What a client sends next on the same connection; where the request was refused it must not run.
CANARY: Final = b"GET /canary HTTP/1.1\r\nHost: canary\r\n\r\n"
_AT_ONCE: Final = 50
_STATUS: Final = re.compile(rb"HTTP/1\.1 ([0-9]{3}) [^\r]*\r\n[^\r]+: ")


class Yard:
    """A gateway with a recording worker behind it; each case comes from an address of its own."""

    def __init__(self, port: int) -> None:
        self.port = port
        # By address: what reached the worker.
        self.reached: dict[str, list[str]] = {}
        self.service = Service("recorder")
        self.service.operation(self.record)

    async def record(self, call: Call, body: bytes) -> Reply:
        """Note what came."""
        target = f"{call.path}?{call.query}" if call.query else call.path
        said = " ".join(filter(None, (call.method, target, body.decode("latin-1"))))
        self.reached.setdefault(call.caller.address, []).append(said)
        return Reply(headers=(("x-canary", "1"),) if call.path == "/canary" else ())

    async def hold(self, case: Case, number: int, pieces: Iterable[bytes]) -> str:
        """Send a case in pieces; gives what is wrong with what became of it."""
        address = f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"
        answer, closed = await _ask(self.port, address, pieces)
        reached = self.reached.pop(address, [])
        if any(status >= 500 for status in _statuses(answer)):
            return f"answered by {answer!r}"
        return _wrong(case.expected, _statuses(answer), reached, closed=closed)


async def _ask(port: int, address: str, pieces: Iterable[bytes]) -> tuple[bytes, bool]:
    """Send pieces; give the answers, and whether the gateway closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    sending = asyncio.create_task(_send(writer, pieces))
    answer, closed = b"", False
    try:
        async with asyncio.timeout(5):
            while not closed and b"x-canary" not in answer:
                part = await reader.read(65_536)
                answer, closed = answer + part, not part
    except ConnectionError:
        closed = True
    except TimeoutError:
        pass
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.transport.abort()
    return answer, closed


async def _send(writer: asyncio.StreamWriter, pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0)  # so that each may be a piece of its own


def _statuses(answer: bytes) -> list[int]:
    """Give the statuses of the final answers, in their order."""
    return [int(status) for status in _STATUS.findall(answer) if status != b"100"]


def _wrong(expected: int | str, statuses: list[int], reached: list[str], *, closed: bool) -> str:
    canary = "GET /canary"
    seen = f"{statuses} {reached} {'closed' if closed else 'open'}"
    if isinstance(expected, int):
        return "" if (statuses, reached, closed) == ([expected], [], True) else seen
    status, clear, _ = expected.partition(", clear")
    if clear:
        went_on = statuses == [int(status), 200] and reached == [canary]
        return "" if went_on or (statuses, reached, closed) == ([int(status)], [], True) else seen
    if statuses == [200] and closed:
        return "" if reached == [expected] else seen
    return "" if statuses == [200, 200] and reached == [expected, canary] else seen


def whole(data: bytes) -> list[bytes]:
    """At once, as most clients send: the short way, if there is one."""
    return [data]


def begun(data: bytes) -> list[bytes]:
    """The first byte alone, so that Sanic reads all of it."""
    return [data[:1], data[1:]]


def dripped(data: bytes) -> list[bytes]:
    """Byte by byte, where that is not too many."""
    step = 1 + len(data) // 400
    return [data[at : at + step] for at in range(0, len(data), step)]


def torn(data: bytes) -> list[bytes]:
    """At places by chance, the same each time."""
    chance = random.Random(data)
    places = sorted(chance.randrange(len(data) + 1) for _ in range(3))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    yard = Yard(0)
    async with lived_in(tmp_path, yard.service, ROUTES) as house:
        yard.port = house.public.getsockname()[1]
        async with house.client() as client:

            async def answers() -> bool:
                return (await client.get("/x")).status_code == 200

            await eventually(answers)
        yield yard


@pytest.mark.parametrize("cut", [whole, begun, dripped, torn], ids=lambda cut: cut.__name__)
async def test_each_is_refused_or_has_one_reading(
    cut: Callable[[bytes], list[bytes]], yard: Yard
) -> None:
    """However its bytes are cut: nothing of it runs twice or in parts, and nothing is our fault."""
    wrong = []
    for at in range(0, len(CASES), _AT_ONCE):
        some = CASES[at : at + _AT_ONCE]
        found = await asyncio.gather(
            *(yard.hold(case, at + n, cut(case.data + CANARY)) for n, case in enumerate(some))
        )
        wrong += [
            f"{case.name}: {case.data[:120]!r} must be {case.expected!r}, was {seen}"
            for case, seen in zip(some, found, strict=True)
            if seen
        ]
    assert "\n".join(wrong) == ""


def test_there_are_many_and_each_has_a_name() -> None:
    """Two cases of one name would hide one another in a report."""
    assert len({case.name for case in CASES}) == len(CASES) > 600
