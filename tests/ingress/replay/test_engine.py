import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ingress.compare.answer import Answer
from ingress.replay import engine
from ingress.replay.engine import Replay
from ingress.replay.item import Item
from ingress.replay.pace import Rate
from ingress.replay.runs import Runs, RunsError, Send, State
from ingress.replay.sinks.port import Sent
from tests.harness.waiting import eventually
from tests.ingress.replay.playback import FakeSink, item


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """A file of runs."""
    return Runs(tmp_path / "runs")


def names(count: int) -> list[str]:
    return [f"r-{number}" for number in range(count)]


async def test_every_item_is_sent_once(runs: Runs) -> None:
    """All are sent in their order, at most so many at one time, and written down."""
    sink = FakeSink()
    tally = await Replay(runs, "a", sink, concurrency=4).play(map(item, range(50)), 50)
    assert sink.begun == names(50)
    assert sink.most == 4
    assert (tally.answered, tally.failed, tally.passed, tally.total) == (50, 0, 50, 50)
    assert set(runs.states("a").values()) == {State.ANSWERED}
    assert tally.as_dict()["statuses"] == {"200": 50}


async def test_places_are_filled_some_at_a_time(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the answers come, what is begun is written down in groups, not one by one."""
    groups: list[int] = []
    write = runs.write

    def counted(run: str, sends: Iterable[Send]) -> None:
        kept = list(sends)
        groups.append(sum(one.state is State.BEGUN for one in kept))
        write(run, kept)

    monkeypatch.setattr(runs, "write", counted)
    sink = FakeSink()

    async def send(one: Item, run: str) -> Sent:
        for _ in range(int(one.original[2:]) % 32):  # so that no two end at once
            await asyncio.sleep(0)
        return await FakeSink.send(sink, one, run)

    monkeypatch.setattr(sink, "send", send)
    items = [item(number, method="POST") for number in range(96)]
    tally = await Replay(runs, "a", sink, concurrency=32).play(items)
    assert tally.answered == 96
    begun = [size for size in groups if size]
    assert sum(begun) == 96
    assert min(begun[:-1]) >= 4


async def test_calls_of_one_key_keep_their_order(runs: Runs) -> None:
    """The next call of a key begins when the one before it was answered; others go beside it."""

    def key(one: Item) -> str:
        return str(one.started % 3)

    sink = FakeSink()
    replay = Replay(runs, "a", sink, key=key, concurrency=8)
    tally = await replay.play(map(item, range(60)))
    assert tally.answered == 60
    assert sink.most == 3
    for rest in range(3):
        mine = [name for name in sink.ended if int(name[2:]) % 3 == rest]
        assert mine == sorted(mine, key=lambda name: int(name[2:]))


async def test_each_call_of_a_key_is_written_down_before_it_is_sent(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those behind the first one too: else one that has run would be sent again after a crash."""
    states: list[State | None] = []
    sink = FakeSink()

    async def send(one: Item, run: str) -> Sent:
        states.append(runs.states("a").get(one.place))
        return await FakeSink.send(sink, one, run)

    monkeypatch.setattr(sink, "send", send)
    items = [item(number, method="POST") for number in range(3)]
    await Replay(runs, "a", sink, key=lambda _: "all").play(items)
    assert states == [State.BEGUN] * 3


async def test_what_waits_for_its_key_is_bounded(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When one slow call holds back enough of its key, no further ones are taken into memory."""
    monkeypatch.setattr(engine, "_HELD", 5)
    placed: list[Item] = []

    def key(one: Item) -> str:
        placed.append(one)
        return "all"

    sink = FakeSink()
    sink.gate.clear()
    playing = asyncio.create_task(Replay(runs, "a", sink, key=key).play(map(item, range(50))))
    await eventually(lambda: sink.begun == ["r-0"])
    assert len(placed) == 6
    sink.gate.set()
    assert (await playing).answered == 50


async def test_calls_are_sent_when_they_are_due(runs: Runs) -> None:
    """No call is sent before its time."""
    sink = FakeSink()
    await Replay(runs, "a", sink, pace=Rate(100)).play(map(item, range(10)))
    for number, moment in enumerate(sink.times):
        assert moment - sink.times[0] >= number * 0.01 - 0.002


async def test_time_runs_from_the_first_call(runs: Runs) -> None:
    """Calls that are due at one time are sent at one time, not each that long after the other."""

    class Together:
        def due(self, number: int, started: int) -> float:
            return 0.1

    tally = await Replay(runs, "a", FakeSink(), pace=Together()).play(map(item, range(50)))
    assert 0.1 <= tally.seconds < 2.5


async def test_a_stopped_run_goes_on_without_a_repeat(runs: Runs) -> None:
    """A stop waits for what is on the way; the rest of the run sends what is left, once."""
    sink = FakeSink()
    sink.gate.clear()
    first = Replay(runs, "a", sink, concurrency=3)
    playing = asyncio.create_task(first.play([item(n, method="POST") for n in range(10)]))
    await eventually(lambda: len(sink.begun) == 3)
    first.stop("interrupted")
    sink.gate.set()
    tally = await playing
    assert (tally.answered, tally.stopped) == (3, "interrupted")
    tally = await Replay(runs, "a", sink).play([item(n, method="POST") for n in range(10)])
    assert (tally.before, tally.answered) == (3, 7)
    assert sorted(sink.begun) == names(10)


async def test_a_stop_empties_the_lanes(runs: Runs) -> None:
    """What waits behind its key when a run is stopped is not sent, and not lost."""
    sink = FakeSink()
    sink.gate.clear()
    replay = Replay(runs, "a", sink, key=lambda _: "all", concurrency=3)
    playing = asyncio.create_task(replay.play(map(item, range(10))))
    await eventually(lambda: sink.begun == ["r-0"])
    replay.stop("interrupted")
    sink.gate.set()
    await playing
    assert runs.states("a") == {"p-0": State.ANSWERED}


async def test_what_may_have_run_is_not_sent_again_by_itself(runs: Runs) -> None:
    """A cancelled run leaves unsafe calls as begun: they are told, and sent only when told to."""
    sink = FakeSink()
    sink.gate.clear()
    items = [item(0, method="POST"), item(1), item(2, headers=(("idempotency-key", "1"),))]
    playing = asyncio.create_task(Replay(runs, "a", sink).play(items))
    await eventually(lambda: len(sink.begun) == 3)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert runs.states("a") == {"p-0": State.BEGUN}
    sink.gate.set()
    tally = await Replay(runs, "a", sink).play(items)
    assert (tally.unknown, tally.answered) == (1, 2)
    tally = await Replay(runs, "a", sink, retry_unknown=True).play(items)
    assert (tally.unknown, tally.before, tally.answered) == (0, 2, 1)


async def test_what_must_not_be_sent_is_not(runs: Runs) -> None:
    """An item with a reason against it is counted and left."""
    sink = FakeSink()
    tally = await Replay(runs, "a", sink).play([item(0, reasons=("unsafe",)), item(1)])
    assert (tally.refused, sink.begun) == (1, ["r-1"])


async def test_failures_are_counted_with_their_reason(runs: Runs) -> None:
    """No answer and a 5xx that is new are failures; a 5xx that the original had is none."""
    answers = {
        "r-0": Answer(error="no answer within 1 s"),
        "r-1": Answer(status=503),
        "r-2": Answer(status=503),
        "r-3": Answer(status=404),
    }
    sink = FakeSink(lambda one: answers[one.original])
    items = [item(0), item(1), item(2, before=Answer(status=500)), item(3)]
    tally = await Replay(runs, "a", sink).play(items)
    assert (tally.answered, tally.failed) == (3, 2)
    assert tally.errors == {"no answer within 1 s": 1}
    assert runs.states("a")["p-0"] is State.UNKNOWN


async def test_where_nobody_is_it_ends_soon(runs: Runs) -> None:
    """Fifty calls in a row that could not be sent end the run, and all are sent by the next."""
    refused = Sent(Answer(error="cannot connect: connection refused"), left=False)
    tally = await Replay(runs, "a", FakeSink(lambda _: refused)).play(map(item, range(500)))
    assert tally.stopped == "cannot connect: connection refused"
    assert 50 <= tally.failed < 70
    again = FakeSink()
    await Replay(runs, "a", again).play(map(item, range(500)))
    assert again.begun == names(500)


async def test_a_gateway_that_does_not_believe_ends_it_at_once(runs: Runs) -> None:
    """A mark that is refused means that nothing ran: the run ends and says what was wrong."""
    body = b'{"detail": "this gateway takes no replays: it has no replay key"}'
    no = Answer(status=403, code="forbidden", body=body)
    replay = Replay(runs, "a", FakeSink(lambda _: no), concurrency=2)
    tally = await replay.play([item(n, method="POST") for n in range(100)])
    assert tally.stopped.startswith("the gateway refused it: this gateway takes no replays")
    assert "need the same `replay: {key: ...}`" in tally.stopped
    assert tally.sent <= 3
    assert set(runs.states("a").values()) == {State.UNSENT}


class PromptSink(FakeSink):
    """Takes every second call at once, and tells what came of it when ``answer`` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.tells: list[Callable[[Sent], None]] = []
        self.asked = 0

    def begin(self, item: Item, run: str, tell: Callable[[Sent], None]) -> bool:
        self.asked += 1
        if self.asked % 2:
            return False
        self.begun.append(item.original)
        self.tells.append(tell)
        return True

    def answer(self) -> None:
        tells, self.tells = self.tells, []
        for tell in tells:
            tell(Sent(Answer(status=200, seconds=0.001), "new"))


async def test_calls_may_go_without_a_task(runs: Runs) -> None:
    """What a sink takes at once is written down, counted and bounded as all else."""
    sink = PromptSink()
    items = [item(number, method="POST") for number in range(50)]
    playing = asyncio.create_task(Replay(runs, "a", sink, concurrency=4).play(items))
    while not playing.done():
        await asyncio.sleep(0)
        assert len(sink.tells) <= 4
        sink.answer()
    assert sorted(sink.begun) == sorted(names(50))
    assert sink.asked == 50
    assert (await playing).answered == 50
    assert set(runs.states("a").values()) == {State.ANSWERED}


async def test_calls_with_a_key_are_sent_by_a_task(runs: Runs) -> None:
    """It sends what waits behind them, in order."""
    sink = PromptSink()
    tally = await Replay(runs, "a", sink, key=lambda _: "all").play(map(item, range(9)))
    assert (tally.answered, sink.asked, sink.ended) == (9, 0, names(9))


async def test_a_cancelled_run_hears_no_more(runs: Runs) -> None:
    """What is told after it was left is not written: the call is one that may have run."""
    sink = PromptSink()
    sink.asked = 1
    playing = asyncio.create_task(Replay(runs, "a", sink).play([item(0, method="POST")]))
    await eventually(lambda: len(sink.tells) == 1)
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    sink.answer()
    assert runs.states("a") == {"p-0": State.BEGUN}


async def test_what_breaks_outside_of_a_task_ends_the_run(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is raised by the run, and not lost in the event loop."""
    sink = PromptSink()
    sink.asked = 1
    replay = Replay(runs, "a", sink, concurrency=1)

    def fail(*_: object) -> None:
        raise RunsError("the disk is full")

    monkeypatch.setattr(replay._ledger, "end", fail)
    playing = asyncio.create_task(replay.play(map(item, range(50))))
    await eventually(lambda: len(sink.tells) == 1)
    sink.answer()
    with pytest.raises(RunsError, match="full"):
        await playing


async def test_a_sink_that_breaks_ends_the_run(runs: Runs) -> None:
    """What it raises is raised by the run, and not lost in a task of its own."""

    def broken(_: Item) -> Sent:
        raise ValueError("the sink is broken")

    with pytest.raises(ValueError, match="the sink is broken"):
        await Replay(runs, "a", FakeSink(broken)).play(map(item, range(3)))


async def test_a_file_that_fails_ends_the_run(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """When what is begun cannot be written down nothing more is sent."""
    sink = FakeSink()

    def fail(*_: object) -> None:
        raise RunsError("the disk is full")

    monkeypatch.setattr(runs, "write", fail)
    with pytest.raises(RunsError, match="full"):
        await Replay(runs, "a", sink).play([item(n, method="POST") for n in range(100)])
    assert sink.begun == []
