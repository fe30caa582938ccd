"""docs/replay.md tells the truth: its walks, word for word."""

import asyncio
import os
import re
import shlex
from pathlib import Path

import pytest

from contracts.brokers.confirmed import publish_confirmed
from contracts.brokers.opening import open_broker
from contracts.brokers.port import Queue
from contracts.call import Call
from contracts.dead_letter import Death, buried
from contracts.deadline import now_ms
from contracts.dialects import dialect
from tests.acceptance.test_replay import House, housed
from tests.harness import http
from tests.harness.processes import ROOT, ChildProcess, queuegate_command
from tests.harness.waiting import eventually

# The walks on a stream too, for the time they take: QUEUEGATE_WALK_STORES="stream:journal".
STORES = os.environ.get("QUEUEGATE_WALK_STORES", "journal.db").split()
PAGE = (ROOT / "docs" / "replay.md").read_text()
WALKS = {
    heading: re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for heading, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}


class Walk:
    """Runs the lines of the page against a house, whose port stands for 8000."""

    def __init__(self, house: House, url: str) -> None:
        self._house = house
        self._env = {"BROKER_URL": url, "PYTHONPATH": str(ROOT)}

    async def go(self, heading: str) -> list[str]:
        """Run a section's lines; each must end as it says. Gives what they printed."""
        lines = [line for block in WALKS[heading] for line in block.splitlines()]
        return [await self.line(line) for line in lines]

    async def line(self, line: str) -> str:
        """Run one line."""
        said = re.search(r"# exits with (\d)$", line)
        local = line.replace("127.0.0.1:8000", f"127.0.0.1:{self._house.port}")
        name, *words = shlex.split(local, comments=True)
        assert name == "queuegate"
        log = self._house.folder / "line"
        log.unlink(missing_ok=True)
        with ChildProcess(queuegate_command(*words), log, self._env, self._house.folder) as child:
            code = await asyncio.to_thread(child.wait, 40)
            assert code == (int(said[1]) if said else 0), f"{line}\n{child.output}"
            return child.output


async def bury(url: str) -> None:
    """Put a call among the dead letters."""
    call = Call(
        id="letter-1",
        operation="shop.add",
        path="/orders",
        headers=(("content-type", "application/json"),),
        body=b'{"sku": "tea-dead", "quantity": 1}',
    )
    asked = dialect("queuegate").request(call, correlation_id="1", reply_to="", expiration_ms=1)
    broker = open_broker(url, name="test")
    broker.start()
    await broker.ready(10)
    await broker.declare(Queue(name="shop.dead"))
    letter = buried(asked, Death(reason="worker_error", queue="shop", at=now_ms()))
    await publish_confirmed(broker, letter, routing_key="shop.dead")
    await broker.close()


async def order(house: House, number: int) -> str:
    """Place an order, and give the fault's code."""
    body = b'{"sku": "tea-%d", "quantity": %d}' % (number % 2, number)
    answer = await http.ask(house.port, "POST", "/orders", body, content_type="application/json")
    return answer.code


@pytest.mark.timeout(180)
@pytest.mark.parametrize("store", STORES)
async def test_the_walks_go_as_written(tmp_path: Path, vhost_url: str, store: str) -> None:
    """Every command of the three walks ends as the page says, and does what it says."""

    def kept(house: House) -> None:
        house.keep_in(store)

    async with housed(tmp_path, vhost_url, prepare=kept, NOISE="1") as house:
        walk = Walk(house, vhost_url)
        assert (await http.ask(house.port, "GET", "/orders/13")).code == "worker_error"
        await house.record(200)

        said = await walk.go("Find a bug")
        assert "/orders/13" in said[0]
        assert "1 of 1 calls would be sent" in said[1]
        assert "no findings in 1 pairs" in said[2]
        assert "500 worker_error -> 200" in said[3]

        said = await walk.go("Test a new version")
        assert "2 findings in" in said[2]
        assert "404 not_found -> 410 gone" in said[2]
        assert "$.found[*].id" in said[2]
        assert "noise left out" in said[2]
        assert "2 findings" in (tmp_path / "new.html").read_text()
        assert '"findings": []' in said[4]

        house.workers[0].terminate()

        async def refused() -> bool:
            return await order(house, 0) == "no_worker"

        await eventually(refused, 20, "the workers are away")
        codes = [await order(house, number) for number in range(1, 7)]
        assert codes == ["no_worker"] * 6
        house.hire(NOISE="1")
        await house.ready(workers=3)
        await bury(vhost_url)
        said = await walk.go("Repair an outage")
        many = int(re.findall(r"(\d+) of \1 calls would be sent", said[1])[0])
        assert many >= 7
        assert f"run repair: {many} answered, 0 failed" in said[2]
        assert f"0 answered, 0 failed, {many} in an earlier part" in said[4]
        assert f"{many} of these {many} calls were sent to this target before" in said[5]
        assert "letter-1" in said[8]


def test_the_page_is_complete() -> None:
    """Each section that walks has commands, and each option of a table is one of the command."""
    assert [len(WALKS[name]) for name in list(WALKS)[:3]] == [2, 2, 3]
    source = (ROOT / "ingress" / "cli" / "replay_options.py").read_text()
    own = re.findall(r'_say\(\s*"(--[a-z-]+)"', source)
    assert [name for name in own if f"`{name}" not in PAGE and f" {name}" not in PAGE] == []
