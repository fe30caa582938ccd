"""The troubles that chaos makes, each with its end: when one returns, all is as it was."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from tests.faults.proxy import Proxy
from tests.faults.theatre import Theatre
from tests.harness.processes import ChildProcess

# (stage, seconds, chance): makes the trouble, for so long where it has a length, and ends it.
Trouble = Callable[[Theatre, float, random.Random], Awaitable[None]]


async def kill_broker(theatre: Theatre, seconds: float, _: random.Random) -> None:
    """End the broker as a power cut would, and start it again."""
    await asyncio.to_thread(theatre.broker.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(theatre.broker.restart)


async def freeze_broker(theatre: Theatre, seconds: float, _: random.Random) -> None:
    """Stop the broker's process, and let it go on."""
    theatre.broker.freeze()
    await asyncio.sleep(seconds)
    theatre.broker.thaw()


async def alarm_broker(theatre: Theatre, seconds: float, _: random.Random) -> None:
    """Let the broker run short of memory."""
    await asyncio.to_thread(theatre.broker.block_publishers)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(theatre.broker.unblock_publishers)


async def close_connections(theatre: Theatre, _: float, __: random.Random) -> None:
    """Close all connections as an operator does."""
    await asyncio.to_thread(theatre.broker.close_connections, theatre.vhost)


async def delete_queue(theatre: Theatre, _: float, __: random.Random) -> None:
    """Delete the work queue with all that is in it."""
    path = f"/queues/{quote(theatre.vhost, safe='')}/crew"
    await asyncio.to_thread(theatre.broker.management.call, "DELETE", path)


async def kill_worker(theatre: Theatre, _: float, chance: random.Random) -> None:
    """Kill a worker and start another one."""
    worker = _young_worker(theatre, chance)
    theatre.stage.workers.remove(worker)
    worker.kill()
    await theatre.add_worker()


async def freeze_worker(theatre: Theatre, seconds: float, chance: random.Random) -> None:
    """Stop a worker's process, and let it go on."""
    worker = _young_worker(theatre, chance)
    worker.send(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    worker.send(signal.SIGCONT)


async def roll_worker(theatre: Theatre, _: float, chance: random.Random) -> None:
    """Replace a worker in good order."""
    await theatre.roll_worker(_young_worker(theatre, chance))


async def roll_gateway(theatre: Theatre, _: float, __: random.Random) -> None:
    """Replace the second gateway in good order; the first one's memory is watched."""
    await theatre.roll_gateway(theatre.stage.gateways[1])


def on_the_way(hurt: Callable[[Proxy], None], name: str) -> tuple[Trouble, ...]:
    """Make the troubles of one kind on either side's way to the broker."""

    def of(pick: Callable[[Theatre], Proxy], side: str) -> Trouble:
        async def trouble(theatre: Theatre, seconds: float, _: random.Random) -> None:
            hurt(pick(theatre))
            await asyncio.sleep(seconds)
            pick(theatre).heal()

        trouble.__name__ = f"{name}_{side}"
        return trouble

    return (
        of(lambda theatre: theatre.gateway_way, "gateways"),
        of(lambda theatre: theatre.worker_way, "workers"),
    )


TROUBLES: Final[tuple[Trouble, ...]] = (
    kill_broker,
    freeze_broker,
    alarm_broker,
    close_connections,
    delete_queue,
    kill_worker,
    freeze_worker,
    roll_worker,
    roll_gateway,
    *on_the_way(Proxy.cut, "cut"),
    *on_the_way(Proxy.unreachable, "part"),
    *on_the_way(Proxy.stall, "black_hole"),
    *on_the_way(lambda proxy: proxy.delay(0.03), "delay"),
    *on_the_way(lambda proxy: proxy.slice(8), "slice"),
)


def name_of(trouble: Trouble) -> str:
    """Give a trouble's name for people."""
    return getattr(trouble, "__name__", "trouble").replace("_", " ")


def _young_worker(theatre: Theatre, chance: random.Random) -> ChildProcess:
    """Pick a worker, never the first one: its memory is watched."""
    return chance.choice(theatre.stage.workers[1:])
