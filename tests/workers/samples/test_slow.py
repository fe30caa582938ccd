import time

from queuegate import TestKit
from workers.samples.slow import service


async def test_it_takes_the_time_that_it_is_told() -> None:
    """It sleeps as long as it is told, and says so; not longer than a minute."""
    kit = TestKit(service)
    began = time.monotonic()
    answer = await kit.call("wait", method="GET", query={"ms": 30})
    assert answer.json()["ms"] == 30
    assert time.monotonic() - began >= 0.03
    assert (await kit.call("wait", query={"ms": 60_001})).status == 400
