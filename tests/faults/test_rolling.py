"""What is promised while gateways and workers are replaced, one after another, under load."""

from pathlib import Path

from tests.faults.balancer import Balancer
from tests.faults.ledger import settle
from tests.faults.load import Kind, Load
from tests.faults.theatre import Theatre
from tests.harness.rabbitmq import PrivateRabbitMQ

MIX = (
    Kind("GET", "/work?ms=30", 2, idempotent=True),
    Kind("POST", "/once?ms=30", 2, idempotent=False),
)
GRACE = 0.5


async def test_rolling_restarts_fail_nobody(folder: Path, rabbitmq: PrivateRabbitMQ) -> None:
    """Each gateway and each worker is replaced under load, and all requests are answered 200."""
    rabbitmq.revive()
    with Theatre(folder, rabbitmq, heartbeat=10) as theatre:
        theatre.stage.add_gateway()
        theatre.start()
        await theatre.heal()
        balancer = Balancer(theatre.stage.gateways)
        async with balancer, Load(balancer.ports, MIX, clients=8) as load:
            for gateway in theatre.stage.gateways:
                await theatre.roll_gateway(gateway)
            for worker in tuple(theatre.stage.workers):
                await theatre.roll_worker(worker)
            requests = await load.stop()
        print(theatre.stage.said()[-10_000:])
        await theatre.look_over()
        ledger = settle(requests, theatre.stage.runs(), grace=GRACE)
    assert ledger.broken() == []
    assert ledger.codes == {"200": ledger.sent}
