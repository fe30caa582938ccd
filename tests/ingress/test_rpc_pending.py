import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.brokers.port import State
from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.alarms import RESOLUTION
from ingress.rpc import Rpc
from tests.ingress.scripted import TARGET, ScriptedBroker

CALL = Call(id="r-1", operation="orders.get")


class FakeTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes when the test says so."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def run_a_little(self) -> None:
        for _ in range(4):
            self.call_soon(self.stop)
            self.run_forever()


class PendingMachine(RuleBasedStateMachine):
    """The table of waiting calls beside a list of what became of each call."""

    TIMEOUT = 10.0

    def __init__(self) -> None:
        super().__init__()
        self.loop = FakeTimeLoop()
        self.broker = ScriptedBroker()
        self.rpc = Rpc(self.broker)
        self.tasks: list[asyncio.Task[Reply]] = []
        self.ends: list[str] = []
        self.strays = {"late": 0, "duplicate": 0, "orphan": 0}
        self.deadlines: list[float] = []

    def teardown(self) -> None:
        for task in self.tasks:
            task.cancel()
        self.loop.run_a_little()
        self.loop.close()

    def end(self, which: int, how: str) -> None:
        if self.ends[which] == "waiting":
            self.ends[which] = how

    @rule()
    def send(self) -> None:
        self.tasks.append(self.loop.create_task(self.rpc.send(TARGET, CALL, self.TIMEOUT)))
        self.loop.run_a_little()
        self.ends.append("waiting")
        self.deadlines.append(self.loop.now + self.TIMEOUT)

    @precondition(lambda self: self.tasks)
    @rule(which=st.integers(0, 100), settle=st.booleans())
    def answer(self, which: int, *, settle: bool) -> None:
        which %= len(self.tasks)
        if self.ends[which] != "waiting":
            self.strays["duplicate" if self.ends[which] == "answered" else "late"] += 1
        self.end(which, "answered")
        self.broker.answer(self.broker.published[which])
        self.let(settle)

    @precondition(lambda self: self.tasks)
    @rule(which=st.integers(0, 100), settle=st.booleans())
    def refuse(self, which: int, *, settle: bool) -> None:
        which %= len(self.tasks)
        self.end(which, "refused")
        self.broker.published[which].on_outcome(Fault("no_route"))
        self.let(settle)

    @precondition(lambda self: self.tasks)
    @rule(which=st.integers(0, 100))
    def hang_up(self, which: int) -> None:
        which %= len(self.tasks)
        self.loop.run_a_little()
        self.end(which, "cancelled")
        self.tasks[which].cancel()
        self.loop.run_a_little()

    @rule(seconds=st.floats(0.1, 12))
    def wait(self, seconds: float) -> None:
        self.loop.run_a_little()
        # No deadline may lie so near to the new time that both ends of the call are right.
        soon = max((d for d in self.deadlines if d <= self.loop.now + seconds), default=0.0)
        self.loop.now = max(self.loop.now + seconds, soon + RESOLUTION)
        self.loop.run_a_little()
        for which, deadline in enumerate(self.deadlines):
            if deadline <= self.loop.now:
                self.end(which, "timed out")

    @rule()
    def lose_the_broker(self) -> None:
        for which in range(len(self.ends)):
            self.end(which, "lost")
        self.broker.go(State.DOWN)
        self.broker.go(State.UP, "replies")
        self.loop.run_a_little()

    @rule(name=st.text(max_size=20))
    def answer_to_nobody(self, name: str) -> None:
        self.strays["orphan"] += 1
        self.broker.deliver(name)

    def let(self, settle: bool) -> None:  # noqa: FBT001 - a step of the play
        if settle:
            self.loop.run_a_little()

    @invariant()
    def same_calls_wait(self) -> None:
        self.loop.run_a_little()
        assert self.rpc.pending == self.ends.count("waiting")
        assert [task.done() for task in self.tasks] == [end != "waiting" for end in self.ends]

    @invariant()
    def same_strays(self) -> None:
        rpc = self.rpc
        found = {"late": rpc.late, "duplicate": rpc.duplicate, "orphan": rpc.orphan}
        assert found == self.strays


TestPendingMachine = PendingMachine.TestCase
