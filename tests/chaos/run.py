"""One run of chaos: a load, troubles one after another, and the accounts at the end."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from bench import proc
from tests.chaos.letters import dead_letters
from tests.chaos.timeline import Band
from tests.chaos.trouble import TROUBLES, Trouble, name_of
from tests.chaos.turns import Turns
from tests.faults.balancer import Balancer
from tests.faults.ledger import Ledger, settle
from tests.faults.load import Kind, Load, Request
from tests.faults.theatre import OPTIONS, RECOVERY, Theatre
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import eventually

ACCEPTED: Final = 202
# What the clients ask for; a kind that stands twice is asked for twice as often.
MIX: Final = (
    *(Kind("GET", "/work?ms=10", 2, idempotent=True),) * 4,
    *(Kind("PUT", "/work?ms=10", 2, idempotent=True),) * 2,
    *(Kind("POST", "/once?ms=10", 2, idempotent=False),) * 6,
    Kind("POST", "/once?ms=400", 2, idempotent=False),
    Kind("POST", "/once?ms=400", 2, idempotent=False, leaves=0.1),
    *(Kind("POST", "/keep?ms=10", 2, idempotent=True),) * 4,
    Kind("POST", "/hang?ms=400", 0.3, idempotent=False, overruns=True),
)
WORKERS: Final = 3
# What each of them serves: calls that somebody waits for, and jobs that were accepted.
SERVICES: Final = ("crew:service", "crew:keeper")
# Seconds after the last request within which all accepted jobs are done.
CLEARED: Final = 30.0
# The share of the run that passes before the memory is looked at.
WARM_UP: Final = 0.25
# Seconds of trouble, and of calm between two of them: in the latter there must be time to recover.
TROUBLED, CALM = (0.5, 4.0), (RECOVERY + 0.5, RECOVERY + 2.5)

# Hears what happens: a word about it.
Tell = Callable[[str], None]


class Machine(msgspec.Struct, frozen=True):
    """What the machine did to the gateways.

    ``starved`` is the share of the time in which they waited for a CPU, in percent, ``worst`` the
    longest such wait within one second and ``stolen`` the CPU time that the host took, in seconds.
    ``held_up`` says how often the first gateway's event loop was late by more than 100 ms.
    """

    starved: float
    worst: float
    stolen: float
    held_up: int


class Story(msgspec.Struct, kw_only=True):
    """What happened in a run. ``memory`` is in bytes, after the warm-up and at the end, by name."""

    seed: int
    began: float
    ended: float
    requests: list[Request]
    bands: list[Band]
    memory: dict[str, tuple[int, int]]
    machine: Machine
    ledger: Ledger
    failures: list[str]

    def broken(self) -> list[str]:
        """Name the promises that were broken."""
        return [*self.ledger.broken(), *self.failures]


class Chaos:
    """A run of ``seconds``; ``requests`` and ``begun`` may be looked at while it goes on."""

    def __init__(
        self, seconds: float, seed: int, *, clients: int, troubles: Sequence[Trouble] = TROUBLES
    ) -> None:
        self.seconds = seconds
        self.seed = seed
        self.clients = clients
        self.began = time.monotonic()
        self.requests: list[Request] = []
        # The troubles so far, and whether the last one is over.
        self.begun: list[str] = []
        self.calm = True
        self._chance = random.Random(seed)
        self._troubles = troubles
        self._bands: list[Band] = []
        self._failures: list[str] = []
        self._early: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"<Chaos seed={self.seed} {len(self.requests)} requests {self.begun[-1:]}>"

    async def run(self, folder: Path, broker: PrivateRabbitMQ) -> Story:
        """Make the run; the folder takes what the processes write."""
        options = (*OPTIONS, "--log-level", "WARNING")
        with Theatre(folder, broker, options=options) as theatre:
            theatre.stage.add_gateway()
            theatre.stage.services = [*SERVICES]
            theatre.start(WORKERS)
            await theatre.heal(WORKERS)
            balancer = Balancer(theatre.stage.gateways)
            load = Load(balancer.ports, MIX, clients=self.clients, pause=0.1, seed=self.seed)
            self.requests, self.began = load.requests, time.monotonic()
            turns = Turns(lambda: _pids(theatre))
            async with balancer, load, turns:
                await self._trouble(theatre)
                requests = await load.stop()
                ended = time.monotonic()
                return await self._account(theatre, requests, ended, turns)

    async def _trouble(self, theatre: Theatre) -> None:
        """Make troubles, each kind once before any comes again, until the time is over."""
        bag: list[Trouble] = []
        await self._calm(theatre)
        while time.monotonic() - self.began < self.seconds:
            if not bag:
                bag = self._chance.sample(self._troubles, len(self._troubles))
            trouble = bag.pop()
            name, self.calm = name_of(trouble), False
            self.begun.append(name)
            begin = time.monotonic()
            try:
                await trouble(theatre, self._chance.uniform(*TROUBLED), self._chance)
            except Exception as error:  # noqa: BLE001 - told in the accounts
                self._failures.append(f"{name}: {type(error).__name__} {error}")
            end = time.monotonic()
            self._bands.append(Band(name, begin - self.began, end - self.began))
            self.calm = True
            await self._calm(theatre)

    async def _calm(self, theatre: Theatre) -> None:
        await asyncio.sleep(self._chance.uniform(*CALM))
        if not self._early and time.monotonic() - self.began > WARM_UP * self.seconds:
            self._early = _memory(theatre)

    async def _account(
        self, theatre: Theatre, requests: list[Request], ended: float, turns: Turns
    ) -> Story:
        for request in requests:
            request.starved = turns.cost(
                request.port, request.sent, request.kind.timeout, request.answered
            )
        accepted = {request.id for request in requests if request.status == ACCEPTED}
        kept = await _cleared(theatre, accepted)
        ledger = settle(requests, theatre.stage.runs(), kept=kept, calm=self._was_calm)
        for gateway in theatre.stage.gateways:
            try:
                await eventually(lambda g=gateway: theatre.idle(g), within=3)  # type: ignore[misc]
            except AssertionError:
                ledger.pending += int(str((await gateway.about())["pending"])) or 1
        processes = [*(g.process for g in theatre.stage.gateways), *theatre.stage.workers]
        ledger.restarted = sum(p is None or p.returncode is not None for p in processes)
        late = _memory(theatre)
        memory = {name: (size, late[name]) for name, size in self._early.items()}
        growth = [100 * (end / begin - 1) for begin, end in memory.values() if begin]
        ledger.grown = round(max([0.0, *growth]), 1)
        return Story(
            seed=self.seed,
            began=self.began,
            ended=ended,
            requests=requests,
            bands=self._bands,
            memory=memory,
            machine=Machine(
                starved=round(turns.share(), 1),
                worst=round(turns.worst(), 3),
                stolen=round(turns.stolen(), 2),
                held_up=await _held_up(theatre),
            ),
            ledger=ledger,
            failures=self._failures,
        )

    def _was_calm(self, request: Request) -> bool:
        begin, end = request.sent - self.began, request.answered - self.began
        return not any(
            band.begin - 0.1 < end and begin < band.end + RECOVERY for band in self._bands
        )


async def _cleared(theatre: Theatre, accepted: set[str]) -> set[str]:
    """Wait until each accepted job is done or a dead letter; give the ids of the latter."""
    kept: set[str] = set()

    async def all_there() -> bool:
        if accepted - kept - set(theatre.stage.runs()):
            kept.update(await dead_letters(theatre))
        return not accepted - kept - set(theatre.stage.runs())

    with suppress(AssertionError):  # then they are lost, and the ledger says so
        await eventually(all_there, within=CLEARED)
    return kept


def _pids(theatre: Theatre) -> dict[int, int]:
    processes = {gateway.port: gateway.process for gateway in theatre.stage.gateways}
    return {port: process.pid for port, process in processes.items() if process is not None}


async def _held_up(theatre: Theatre) -> int:
    name = "queuegate_loop_lag_seconds"
    looks = await theatre.gateway.metric(f"{name}_count")
    return int(looks - await theatre.gateway.metric(f'{name}_bucket{{le="0.1"}}'))


def _memory(theatre: Theatre) -> dict[str, int]:
    """Give the memory of the processes that live from begin to end."""
    if not proc.available():
        return {}
    first = theatre.gateway.process
    assert first is not None
    return {
        "gateway 1": proc.memory(first.pid),
        "worker 1": proc.memory(theatre.stage.workers[0].pid),
    }
