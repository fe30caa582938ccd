import asyncio
from contextvars import ContextVar
from typing import Any

import pytest

from tests.harness.waiting import eventually
from workers.starter import Starter

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


class Story:
    """What happened, in order, and the tasks of those who came to wait."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.go = asyncio.Event()

    async def quick(self, name: str) -> None:
        self.said.append(name)

    async def slow(self, name: str) -> None:
        self.said.append(f"{name} begins")
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.said.append(f"{name} is cancelled")
            raise
        self.said.append(f"{name} ends")


@pytest.fixture
async def story() -> Story:
    return Story()


async def test_one_task_for_all_that_do_not_wait(story: Story) -> None:
    """Coroutines that never wait run in order in one task, and nobody hears of it."""
    starter, seen = Starter(), set[Any]()

    async def look(name: str) -> None:
        seen.add(asyncio.current_task())
        await story.quick(name)

    for name in "abc":
        starter.start(look(name), story.tasks.append)
    assert story.said == []
    await starter.started()
    await asyncio.sleep(0)
    assert story.said == ["a", "b", "c"]
    assert (len(seen), story.tasks) == (1, [])
    assert repr(starter) == "<Starter 0 to start, 0 tasks>"


async def test_who_waits_holds_up_nobody(story: Story) -> None:
    """One that waits keeps its task, and those behind it go on at once."""
    starter = Starter()
    starter.start(story.slow("a"), story.tasks.append)
    starter.start(story.slow("b"), story.tasks.append)
    starter.start(story.quick("c"), story.tasks.append)
    await starter.started()
    assert story.said == ["a begins", "b begins", "c"]
    assert len(set(story.tasks)) == 2
    story.go.set()
    await asyncio.wait(story.tasks)
    assert story.said[3:] == ["a ends", "b ends"]


async def test_one_is_cancelled_alone(story: Story) -> None:
    """A task that is cancelled is the one coroutine's that it was given for."""
    starter = Starter()
    starter.start(story.slow("a"), story.tasks.append)
    starter.start(story.slow("b"), story.tasks.append)
    await starter.started()
    story.tasks[0].cancel()
    await asyncio.wait(story.tasks[:1])
    assert story.tasks[0].cancelled()
    story.go.set()
    await story.tasks[1]
    assert story.said == ["a begins", "b begins", "a is cancelled", "b ends"]


async def test_who_cancels_itself_harms_nobody(story: Story) -> None:
    """One that cancels its own task and ends does not take the others with it."""
    starter = Starter()

    async def give_up() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    starter.start(give_up(), story.tasks.append)
    starter.start(story.quick("b"), story.tasks.append)
    await eventually(lambda: story.said == ["b"])


async def test_timeouts_and_groups_work_from_the_first_step(story: Story) -> None:
    """``asyncio.timeout`` and ``TaskGroup`` find a task, which is the one that goes on."""
    starter = Starter()

    async def patient() -> None:
        try:
            async with asyncio.timeout(0.01), asyncio.TaskGroup() as group:
                group.create_task(story.slow("inner"))
        except TimeoutError:
            story.said.append("time is up")

    starter.start(patient(), story.tasks.append)
    await eventually(lambda: "time is up" in story.said)
    assert story.said == ["inner begins", "inner is cancelled", "time is up"]


async def test_context_variables_are_its_own(story: Story) -> None:
    """What one sets no other sees, before it waits and after."""
    starter = Starter()

    async def claim(name: str) -> None:
        story.said.append(WHO.get())
        WHO.set(name)
        await asyncio.sleep(0)
        await asyncio.create_task(story.quick(WHO.get()))
        story.said.append(WHO.get())

    for name in "ab":
        starter.start(claim(name), story.tasks.append)
    await eventually(lambda: len(story.said) == 6)
    assert sorted(story.said) == ["a", "a", "b", "b", "nobody", "nobody"]
    assert WHO.get() == "nobody"


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_is_told_and_stops_nothing(story: Story, waits: bool) -> None:  # noqa: FBT001 - given by name
    """What one raises goes to the event loop's handler, and the next one runs."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))
    starter = Starter()

    async def fail() -> None:
        if waits:
            await asyncio.sleep(0)
        raise RuntimeError("mine")

    starter.start(fail(), story.tasks.append)
    starter.start(story.quick("b"), story.tasks.append)
    await eventually(lambda: told)
    assert str(told[0]["exception"]) == "mine"
    assert story.said == ["b"]
