import asyncio
from typing import Any

from contracts.brokers.call_back import call_back


async def test_a_listener_is_called() -> None:
    """A listener gets its arguments, at once."""
    heard: list[object] = []
    call_back(lambda *args: heard.extend(args), 1, "two")
    assert heard == [1, "two"]


async def test_a_listener_that_raises_is_reported() -> None:
    """What a listener raises goes to the event loop, with the listener's name."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    def broken() -> None:
        raise KeyError("x")

    call_back(broken)
    assert isinstance(told[0]["exception"], KeyError)
    assert "broken" in told[0]["message"]
