from queuegate import TestKit
from workers.samples.flaky import service


async def test_it_fails_as_often_as_it_is_told() -> None:
    """It always works with 0, never with 1, and knows no other numbers."""
    kit = TestKit(service)
    assert (await kit.call("roll", query={"failure_rate": 0})).json() == {"attempt": 1}
    assert (await kit.call("roll", query={"failure_rate": 1})).code == "worker_error"
    assert (await kit.call("roll", query={"failure_rate": 2})).status == 400
