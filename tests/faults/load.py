"""Many clients that write down what they asked and what they got."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Final, Self

from tests.harness.http import Answer, Connection, GoneError

# Seconds after its deadline that a client goes on waiting before it calls a request unanswered.
PATIENCE: Final = 5.0
# Seconds between two looks at our own clock.
_TICK: Final = 0.01


class Kind:
    """A kind of request: ``Kind("POST", "/once", 2, idempotent=False)``.

    ``timeout`` is the route's, in seconds. ``leaves`` is when its client hangs up, in seconds, 0
    for never. ``overruns`` says that its operation takes longer than the timeout, so that it is
    never answered well.
    """

    def __init__(
        self,
        method: str,
        path: str,
        timeout: float,
        *,
        idempotent: bool,
        leaves: float = 0.0,
        overruns: bool = False,
    ) -> None:
        self.method = method
        self.path = path
        self.timeout = timeout
        self.idempotent = idempotent
        self.leaves = leaves
        self.overruns = overruns

    def __repr__(self) -> str:
        return f"<Kind {self.method} {self.path}{' leaves' if self.leaves else ''}>"


class Request:
    """One request and what became of it. Times are of ``time.monotonic``."""

    __slots__ = (
        "answer",
        "answered",
        "error",
        "id",
        "kind",
        "left",
        "port",
        "sent",
        "starved",
        "waited",
    )

    def __init__(self, identity: str, kind: Kind) -> None:
        self.id = identity
        self.kind = kind
        self.sent = time.monotonic()
        self.answered = 0.0
        # Seconds in which the clients' own process did not get its turn.
        self.waited = 0.0
        # The gateway's public port, and the seconds in which the machine gave that gateway no turn
        # though it should have answered; 0 where nobody measures it.
        self.port = 0
        self.starved = 0.0
        self.answer: Answer | None = None
        self.left = False
        self.error = ""

    def __repr__(self) -> str:
        end = f"{self.status} {self.answer.code}" if self.answer else self.error or "waits"
        return f"<Request {self.id} {self.kind!r} {end} after {self.took:.3f} s>"

    @property
    def status(self) -> int:
        """The answer's; 0 without one."""
        return self.answer.status if self.answer else 0

    @property
    def took(self) -> float:
        """Seconds until the answer, or until now."""
        return (self.answered or time.monotonic()) - self.sent

    @property
    def overrun(self) -> float:
        """Seconds by which the answer came after its deadline, less `waited`."""
        return self.took - self.waited - self.kind.timeout


class Load:
    """``clients`` clients, each with a connection that it keeps, over the gateways that are ready.

    ``ports()`` gives the public ports that a load balancer would now send requests to. ``pause``
    is how long a client thinks between two requests, on average.
    """

    def __init__(
        self,
        ports: Callable[[], Sequence[int]],
        kinds: Sequence[Kind],
        *,
        clients: int = 8,
        pause: float = 0.05,
        seed: int = 1,
        name: str = "r",
    ) -> None:
        self.requests: list[Request] = []
        self._ports = ports
        self._kinds = kinds
        self._pause = pause
        self._random = random.Random(seed)
        self._ids = (f"{name}-{number}" for number in count(1))
        self._stopping = False
        self._lag = 0.0
        self._tasks = [asyncio.create_task(self._client()) for _ in range(clients)]
        self._watch = asyncio.create_task(self._watch_ourselves())

    def __repr__(self) -> str:
        return f"<Load {len(self.requests)} requests {len(self._tasks)} clients>"

    async def stop(self) -> list[Request]:
        """Send no more, wait for what is on its way, and give all that was sent."""
        self._stopping = True
        await asyncio.gather(*self._tasks)
        return self.requests

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping = True
        for task in (*self._tasks, self._watch):
            task.cancel()
        await asyncio.gather(*self._tasks, self._watch, return_exceptions=True)

    async def _watch_ourselves(self) -> None:
        """Add up the time in which this process slept though it had something to do."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_TICK)
            self._lag += max(0.0, time.monotonic() - before - 2 * _TICK)

    async def _client(self) -> None:
        connection, port = None, 0
        try:
            while not self._stopping:
                await asyncio.sleep(self._random.expovariate(1 / self._pause))
                ports = self._ports()
                if connection is not None and port not in ports:
                    connection.close()
                    connection = None
                request = Request(next(self._ids), self._random.choice(self._kinds))
                self.requests.append(request)
                if connection is None:
                    port = self._random.choice(ports)
                request.port = port
                lag = self._lag
                connection = await _perform(request, connection, port)
                request.waited = self._lag - lag
        finally:
            if connection is not None:
                connection.close()


async def _perform(request: Request, connection: Connection | None, port: int) -> Connection | None:
    """Make a request; give the connection if it can be used again."""
    kind = request.kind
    try:
        if connection is None:
            connection = await Connection.open(port)
        if connection.reader.at_eof():
            # The gateway ended it while it was idle, as it may at any time.
            connection.close()
            connection = await Connection.open(port)
        connection.send(kind.method, kind.path, x_request_id=request.id)
        if kind.leaves:
            with suppress(TimeoutError):
                async with asyncio.timeout(kind.leaves):
                    request.answer = await connection.read()
            request.left = request.answer is None
        else:
            async with asyncio.timeout(kind.timeout + PATIENCE):
                request.answer = await connection.read()
    except (GoneError, OSError, TimeoutError) as error:
        request.error = f"{type(error).__name__} {error}"
    request.answered = time.monotonic()
    if connection is None or (request.answer and connection.reusable):
        return connection
    connection.close()
    return None
