import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
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
        self.ended: list[tuple[str, object]] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.go = asyncio.Event()
        self.starter = Starter[str, object](
            on_end=self.end,
            on_waiting=self.tasks.__setitem__,
            soon=asyncio.get_running_loop().call_soon,
        )

    def end(self, job: str, result: object) -> None:
        self.ended.append((job, result))

    async def quick(self, name: str) -> str:
        self.said.append(name)
        return name.upper()

    async def slow(self, name: str) -> str:
        self.said.append(f"{name} begins")
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.said.append(f"{name} is cancelled")
            raise
        self.said.append(f"{name} ends")
        return name.upper()

    def start(self, how: Callable[[str], Coroutine[Any, Any, object]], *names: str) -> None:
        """Start as an event loop's callback would: outside any task."""
        loop = asyncio.get_running_loop()
        for name in names:
            loop.call_soon(lambda name=name: self.starter.start(how(name), name))  # type: ignore[misc]

    async def warm(self) -> None:
        """Bring the front to where it sleeps."""
        self.starter.start(self.quick("-"), "-")
        await eventually(lambda: self.said == ["-"])
        await asyncio.sleep(0)
        self.said.clear()
        self.ended.clear()


@pytest.fixture(params=["cold", "warm"])
async def story(request: pytest.FixtureRequest) -> AsyncIterator[Story]:
    """A starter that has its first work before it, or that sleeps after some."""
    story = Story()
    if request.param == "warm":
        await story.warm()
    yield story
    story.starter.close()


async def test_the_first_step_takes_no_turn_of_the_loop() -> None:
    """Under a front a coroutine that does not wait is over when ``soon`` has called back."""
    story, seen = Story(), list[list[tuple[str, object]]]()
    await story.warm()

    def start() -> None:
        story.starter.start(story.quick("a"), "a")
        seen.append(story.ended[:])

    story.starter._soon = lambda callback: callback()
    asyncio.get_running_loop().call_soon(start)
    await eventually(lambda: seen)
    assert seen == [[("a", "A")]]
    story.starter.close()


async def test_what_comes_together_runs_together(story: Story) -> None:
    """Nothing runs before ``soon`` calls back, which is asked once for all that came."""
    asked: list[Callable[[], None]] = []
    story.starter._soon = asked.append
    for name in "ab":
        story.starter.start(story.quick(name), name)
    await asyncio.sleep(0)
    assert (story.said, len(asked)) == ([], 1)
    asyncio.get_running_loop().call_soon(asked[0])
    await eventually(lambda: story.said == ["a", "b"])


async def test_a_task_that_starts_one_is_not_interrupted(story: Story) -> None:
    """Inside a task the first step comes later, and under a task of its own."""
    tasks: list[object] = []

    async def look() -> None:
        tasks.append(asyncio.current_task())

    story.starter.start(look(), "a")
    assert tasks == []
    await story.starter.started()
    assert len(tasks) == 1
    assert asyncio.current_task() not in tasks


async def test_no_task_for_all_that_do_not_wait(story: Story) -> None:
    """Coroutines that never wait run in order in one task, and nobody hears of one."""
    seen = set[Any]()

    async def look(name: str) -> object:
        seen.add(asyncio.current_task())
        return await story.quick(name)

    story.start(look, *"abc")
    await eventually(lambda: len(story.ended) == 3)
    assert story.ended == [("a", "A"), ("b", "B"), ("c", "C")]
    assert (len(seen), story.tasks) == (1, {})
    assert None not in seen
    assert repr(story.starter) == "<Starter 0 to start, 0 tasks>"


async def test_who_waits_holds_up_nobody(story: Story) -> None:
    """One that waits keeps its task, and those behind it go on at once."""
    story.start(story.slow, *"ab")
    story.start(story.quick, "c")
    await eventually(lambda: story.said == ["a begins", "b begins", "c"])
    assert story.tasks.keys() == {"a", "b"}
    assert len(set(story.tasks.values())) == 2
    assert repr(story.starter) == "<Starter 0 to start, 2 tasks>"
    story.go.set()
    await asyncio.wait(story.tasks.values())
    assert story.ended == [("c", "C"), ("a", "A"), ("b", "B")]


async def test_one_that_starts_another_is_not_interrupted_by_it(story: Story) -> None:
    """What is started by a first step, or by the end of one, waits for its turn."""

    async def nest(name: str) -> str:
        story.starter.start(story.quick("inner"), "inner")
        return await story.quick(name)

    story.start(nest, "outer")
    await eventually(lambda: len(story.ended) == 2)
    assert story.said == ["outer", "inner"]


async def test_one_is_cancelled_alone(story: Story) -> None:
    """A task that is cancelled is the one coroutine's that it was given for."""
    story.start(story.slow, *"ab")
    await eventually(lambda: len(story.said) == 2)
    story.tasks["a"].cancel()
    await asyncio.wait([story.tasks["a"]])
    assert story.tasks["a"].cancelled()
    story.go.set()
    await story.tasks["b"]
    assert story.said == ["a begins", "b begins", "a is cancelled", "b ends"]
    assert story.ended == [("a", None), ("b", "B")]


async def test_one_is_cancelled_before_its_task_has_woken_up(story: Story) -> None:
    """A coroutine hears of it also when its task has not taken over yet."""

    def cancel() -> None:
        story.starter.start(story.slow("a"), "a")
        story.starter.start(story.quick("b"), "b")
        if "a" in story.tasks:
            story.tasks["a"].cancel()

    asyncio.get_running_loop().call_soon(cancel)
    await eventually(lambda: ("b", "B") in story.ended)
    story.tasks["a"].cancel()
    await asyncio.wait([story.tasks["a"]])
    assert ("a", None) in story.ended
    assert "a is cancelled" in story.said


async def test_who_cancels_itself_harms_nobody(story: Story) -> None:
    """One that cancels its own task and ends does not take the others with it."""

    async def give_up(_name: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    story.start(give_up, "a")
    story.start(story.quick, "b")
    await eventually(lambda: story.said == ["b"])
    story.start(story.quick, "c")
    await eventually(lambda: story.ended == [("a", None), ("b", "B"), ("c", "C")])


async def test_who_cancels_itself_and_waits_is_told(story: Story) -> None:
    """One that cancels its own task hears of it where it first waits."""

    async def give_up(name: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await story.slow(name)

    story.start(give_up, "a")
    story.start(story.quick, "b")
    await eventually(lambda: len(story.ended) == 2)
    assert "a is cancelled" in story.said
    assert sorted(story.ended) == [("a", None), ("b", "B")]


async def test_timeouts_and_groups_work_from_the_first_step(story: Story) -> None:
    """``asyncio.timeout`` and ``TaskGroup`` find a task, which is the one that goes on."""

    async def patient(_name: str) -> None:
        try:
            async with asyncio.timeout(0.01), asyncio.TaskGroup() as group:
                group.create_task(story.slow("inner"))
        except TimeoutError:
            story.said.append("time is up")

    story.start(patient, "a")
    await eventually(lambda: "time is up" in story.said)
    assert story.said == ["inner begins", "inner is cancelled", "time is up"]


async def test_context_variables_are_its_own(story: Story) -> None:
    """What one sets no other sees, before it waits and after."""

    async def claim(name: str) -> None:
        story.said.append(WHO.get())
        WHO.set(name)
        await asyncio.sleep(0)
        await asyncio.create_task(story.quick(WHO.get()))
        story.said.append(WHO.get())

    story.start(claim, *"ab")
    await eventually(lambda: len(story.said) == 6)
    assert sorted(story.said) == ["a", "a", "b", "b", "nobody", "nobody"]
    assert WHO.get() == "nobody"


@pytest.mark.parametrize("waits", [False, True])
async def test_an_error_is_told_and_stops_nothing(story: Story, waits: bool) -> None:  # noqa: FBT001 - given by name
    """What one raises goes to the event loop's handler, and the next one runs."""
    told: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what))

    async def fail(_name: str) -> None:
        if waits:
            await asyncio.sleep(0)
        raise RuntimeError("mine")

    story.start(fail, "a")
    story.start(story.quick, "b")
    await eventually(lambda: len(story.ended) == 2)
    assert str(told[0]["exception"]) == "mine"
    assert sorted(story.ended, key=lambda end: end[0]) == [("a", None), ("b", "B")]
