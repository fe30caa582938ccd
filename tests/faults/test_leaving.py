"""What is promised when everything is told to leave at one moment."""

import asyncio
import signal
from pathlib import Path

from tests.faults.load import Kind, Load
from tests.faults.theatre import Theatre
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import eventually

# More than the workers can do at one time, so that calls wait in the queue and in the workers.
MIX = (
    Kind("GET", "/work?ms=150", 2, idempotent=True),
    Kind("POST", "/once?ms=150", 2, idempotent=False),
)
CLIENTS = 48


async def test_all_leave_at_one_moment(folder: Path, rabbitmq: PrivateRabbitMQ) -> None:
    """Gateway and workers get SIGTERM together: every request that came in is answered 200."""
    rabbitmq.revive()
    with Theatre(folder, rabbitmq, heartbeat=10, options=()) as theatre:
        theatre.start()
        await theatre.heal()
        async with Load(lambda: [theatre.port], MIX, clients=CLIENTS, pause=0.01) as load:
            await eventually(lambda: len(theatre.stage.runs()) > 100)
            gateway = theatre.gateway.process
            assert gateway is not None
            everybody = [gateway, *theatre.stage.workers]
            for process in everybody:
                process.send(signal.SIGTERM)
            await eventually(
                lambda: all(process.returncode is not None for process in everybody), within=20
            )
            requests = await asyncio.wait_for(load.stop(), 20)
        print(theatre.stage.said()[-20_000:])
        answered = [request for request in requests if request.answer is not None]
        assert {request.status for request in answered} == {200}
        # Who was not answered could not connect any more, or was told so by the end of an idle
        # connection: its request never came in.
        ran = theatre.stage.runs()
        assert not [one for one in requests if one.answer is None and one.id in ran]
        assert [process.returncode for process in everybody] == [0, 0, 0]
