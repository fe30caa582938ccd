"""What was answered 202 is done, whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.faults.theatre import Theatre
from tests.harness.http import GoneError
from tests.harness.waiting import eventually


@asynccontextmanager
async def accepting(theatre: Theatre, clients: int = 8) -> AsyncIterator[set[str]]:
    """Have clients that hand in one job after the other; gives the ids answered 202."""
    accepted: set[str] = set()

    async def hand_in(client: int) -> None:
        for number in range(1_000_000):
            identity = f"job-{client}-{number}"
            with suppress(OSError, GoneError):
                answer = await theatre.ask("POST", "/jobs?ms=5", x_request_id=identity)
                assert answer.status in {202, 503, 504}
                if answer.status == 202:
                    accepted.add(identity)

    tasks = [asyncio.create_task(hand_in(client)) for client in range(clients)]
    try:
        await eventually(lambda: len(accepted) > 50)
        yield accepted
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended


async def _all_done(theatre: Theatre, accepted: set[str]) -> None:
    """Hold that each accepted job was done, and that none is a dead letter."""
    await eventually(
        lambda: not accepted - set(theatre.stage.runs()), within=30, what="all jobs are done"
    )


async def test_a_killed_broker_loses_no_accepted_work(theatre: Theatre) -> None:
    """Killed twice while jobs are handed in: each that was answered 202 is done after all."""
    async with accepting(theatre) as accepted:
        for _ in range(2):
            before = len(accepted)
            await asyncio.to_thread(theatre.broker.kill)
            await asyncio.to_thread(theatre.broker.restart)
            await eventually(lambda b=before: len(accepted) > b + 20, within=15)  # type: ignore[misc]
    print(f"{len(accepted)} accepted")
    await _all_done(theatre, accepted)


async def test_a_killed_broker_gives_back_what_was_in_hand(theatre: Theatre) -> None:
    """Jobs that workers held when it died come again, before it is all up again, and are done."""
    answers = await asyncio.gather(
        *(
            theatre.ask("POST", "/jobs?ms=100", x_request_id=f"held-{number}")
            for number in range(200)
        )
    )
    assert {answer.status for answer in answers} == {202}
    await asyncio.to_thread(theatre.broker.kill)
    await asyncio.to_thread(theatre.broker.restart)
    await _all_done(theatre, {f"held-{number}" for number in range(200)})


async def test_killed_workers_lose_no_accepted_work(theatre: Theatre) -> None:
    """Workers that are killed with jobs in their hands: others do them again."""
    async with accepting(theatre) as accepted:
        for _ in range(2):
            theatre.busy_worker().kill()
            await theatre.add_worker()
    await _all_done(theatre, accepted)
    runs = theatre.stage.runs()
    print(f"{len(accepted)} accepted, {sum(runs[one] > 1 for one in accepted)} done again")
