import asyncio
import os
import signal

import pytest

from ingress.cli.interrupt import interruptible
from tests.harness.waiting import eventually


async def test_the_first_signal_stops_and_the_second_cancels() -> None:
    """One Ctrl-C calls ``stop`` once; the next one cancels the task that waits."""
    stopped: list[str] = []

    async def work() -> None:
        with interruptible(stopped.append):
            os.kill(os.getpid(), signal.SIGINT)
            await eventually(lambda: stopped)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(10)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(work())
    assert stopped == ["interrupted"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
