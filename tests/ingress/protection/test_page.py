"""The page about protection: what it shows is what happens."""

import asyncio
import re
import shlex

import pytest

from contracts.call import Reply
from ingress import routefile
from ingress.compile import compile_plans, compile_strangers
from ingress.flow import Flow
from tests.harness.processes import ROOT
from tests.ingress.door import opened

PAGE = (ROOT / "docs" / "protection.md").read_text()
(SAMPLE,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^```sh\n(curl (?:.*\\\n)*.*)\n((?:# .*\n)+)```", PAGE, re.MULTILINE)


async def work(_: Flow) -> Reply:
    return Reply(body=b"done")


@pytest.mark.parametrize("command, output", COMMANDS)
async def test_a_command_prints_what_the_page_says(command: str, output: str) -> None:
    """Each line that is shown is in the answer, in this order."""
    route_file = routefile.parse(SAMPLE.encode(), environment={})
    strangers = compile_strangers(route_file)
    async with opened(work, *compile_plans(route_file), strangers=strangers) as door:
        words = shlex.split(command.replace(":8000", f":{door.port}").replace("\\\n", ""))
        process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        printed, _ = await asyncio.wait_for(process.communicate(), 20)
    lines = printed.decode().splitlines()
    shown = [line.removeprefix("# ") for line in output.splitlines()]
    assert [line for line in lines if line in shown] == shown


def test_the_page_shows_each_protection() -> None:
    """One command each."""
    assert len(COMMANDS) == 4
