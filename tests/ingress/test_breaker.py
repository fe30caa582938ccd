import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.fault import Fault
from ingress.breaker import Breaker
from ingress.plan import Breaker as Settings
from tests.ingress.scripted import Clock

SETTINGS = Settings(failure_rate=0.5, window=10, min_calls=4, open_for=5, probes=2)


def make(clock: Clock | None = None, settings: Settings = SETTINGS) -> Breaker:
    return Breaker("GET /x", settings, clock=clock or Clock())


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.tell_failure(breaker.ask())


def succeed(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.tell_success(breaker.ask())


def refused(breaker: Breaker) -> Fault:
    with pytest.raises(Fault) as caught:
        breaker.ask()
    assert caught.value.code == "circuit_open"
    return caught.value


def tripped(clock: Clock, settings: Settings = SETTINGS) -> Breaker:
    breaker = make(clock, settings)
    fail(breaker, 4)
    assert breaker.state == "open"
    return breaker


def test_a_new_breaker_is_closed() -> None:
    """It begins closed and has counted nothing."""
    assert repr(make()) == "<Breaker 'GET /x' closed, 0 of 0 failed>"


def test_it_opens_at_the_failure_rate() -> None:
    """It opens with the failure that brings the share to the set rate."""
    breaker = make()
    succeed(breaker, 4)
    fail(breaker, 3)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"


def test_it_does_not_open_below_the_minimum_volume() -> None:
    """Three failures of three calls are too few to judge by when four are asked for."""
    breaker = make()
    fail(breaker, 3)
    assert breaker.state == "closed"


def test_it_does_not_open_below_the_rate() -> None:
    """One failure more than a third never opens a breaker set to a half."""
    breaker = make()
    for _ in range(50):
        succeed(breaker, 2)
        fail(breaker)
    assert breaker.state == "closed"


def test_failures_outside_the_window_are_forgotten() -> None:
    """Failures that are older than the window do not count."""
    clock = Clock()
    breaker = make(clock)
    fail(breaker, 3)
    clock.now += 10
    fail(breaker)
    assert (breaker.state, breaker.failures, breaker.calls) == ("closed", 1, 1)


def test_a_call_that_tells_nothing_counts_nothing() -> None:
    """Fifty clients that hang up leave no trace."""
    breaker = make()
    for _ in range(50):
        breaker.tell_nothing(breaker.ask())
    assert repr(breaker) == "<Breaker 'GET /x' closed, 0 of 0 failed>"


def test_an_open_breaker_refuses_with_the_rest_of_the_time() -> None:
    """The fault says the seconds that are left, rounded up, and at least one."""
    clock = Clock()
    breaker = tripped(clock)
    assert refused(breaker).retry_after == 5
    clock.now += 1.5
    assert refused(breaker).retry_after == 4
    clock.now += 3.499
    assert refused(breaker).retry_after == 1


def test_after_the_open_time_exactly_the_probes_get_through() -> None:
    """When half-open, two calls are let through at once, and the third is refused."""
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 5
    breaker.ask()
    breaker.ask()
    assert refused(breaker).retry_after == 1
    assert breaker.state == "half-open"


def test_it_closes_when_all_probes_succeed() -> None:
    """One success of two is not enough, and lets nobody else through; two close the circuit."""
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 5
    one, two = breaker.ask(), breaker.ask()
    breaker.tell_success(one)
    refused(breaker)
    breaker.tell_success(two)
    assert repr(breaker) == "<Breaker 'GET /x' closed, 0 of 0 failed>"


def test_one_failed_probe_opens_it_again() -> None:
    """The first failure opens it for the whole time again; the other one is ignored."""
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 7
    one, two = breaker.ask(), breaker.ask()
    breaker.tell_failure(one)
    breaker.tell_success(two)
    assert breaker.state == "open"
    assert refused(breaker).retry_after == 5


def test_a_probe_that_tells_nothing_gives_its_place_back() -> None:
    """When the client of a probe leaves, the next call may be the probe."""
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 5
    gone, _ = breaker.ask(), breaker.ask()
    breaker.tell_nothing(gone)
    breaker.ask()
    refused(breaker)


@pytest.mark.parametrize("tell", ["tell_success", "tell_failure", "tell_nothing"])
def test_results_from_before_the_trip_are_ignored(tell: str) -> None:
    """A late result neither closes, nor prolongs, nor takes part in the probing."""
    clock = Clock()
    breaker = make(clock)
    early = [breaker.ask() for _ in range(10)]
    fail(breaker, 4)
    clock.now += 3
    getattr(breaker, tell)(early.pop())
    assert refused(breaker).retry_after == 2
    clock.now += 2
    breaker.ask()
    for permit in early:
        getattr(breaker, tell)(permit)
    assert breaker.state == "half-open"
    breaker.ask()
    refused(breaker)


def test_it_begins_anew_after_closing() -> None:
    """What was counted before the trip does not count after it."""
    clock = Clock()
    breaker = tripped(clock)
    clock.now += 5
    succeed(breaker, 2)
    fail(breaker, 3)
    assert breaker.state == "closed"


def test_changes_of_state_are_told_when_they_are_complete() -> None:
    """The listener hears name, old and new state, and sees the breaker in the new one."""
    clock = Clock()
    heard: list[tuple[str, str, str, str]] = []

    def listen(name: str, old: str, new: str) -> None:
        heard.append((name, old, new, breaker.state))

    breaker = Breaker("GET /x", SETTINGS, clock=clock, on_change=listen)
    fail(breaker, 4)
    clock.now += 5
    succeed(breaker, 2)
    assert heard == [
        ("GET /x", "closed", "open", "open"),
        ("GET /x", "open", "half-open", "half-open"),
        ("GET /x", "half-open", "closed", "closed"),
    ]


def test_opening_what_is_open_is_no_change() -> None:
    """An operator who opens it again prolongs the time, and nobody is told."""
    clock = Clock()
    heard: list[str] = []
    breaker = Breaker("x", SETTINGS, clock=clock, on_change=lambda *change: heard.append(change[2]))
    breaker.open()
    clock.now += 4
    breaker.open()
    assert refused(breaker).retry_after == 5
    assert heard == ["open"]


def test_a_listener_that_raises_leaves_the_breaker_whole() -> None:
    """The circuit is open although the one who should hear of it crashed."""

    def crash(name: str, old: str, new: str) -> None:
        raise ZeroDivisionError

    breaker = Breaker("GET /x", SETTINGS, clock=Clock(), on_change=crash)
    with pytest.raises(ZeroDivisionError):
        fail(breaker, 4)
    assert breaker.state == "open"
    refused(breaker)


def test_an_operator_can_open_and_close_it() -> None:
    """By hand it opens at once, for the set time, and closes at once."""
    breaker = make()
    breaker.open()
    refused(breaker)
    breaker.close()
    succeed(breaker)
    assert breaker.state == "closed"


def test_it_remembers_when_it_opened() -> None:
    """The moment is there for people, in UTC, and nothing before the first trip."""
    breaker = make()
    assert breaker.opened_at is None
    breaker.open()
    assert breaker.opened_at
    assert str(breaker.opened_at.tzinfo) == "UTC"


class BreakerMachine(RuleBasedStateMachine):
    """A breaker beside a naive one that remembers every single result."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = make(self.clock)
        self.state = "closed"
        self.opened = 0.0
        self.results: list[tuple[int, bool]] = []
        # Permits that nobody told of yet, each with the era of the model it was given in.
        self.permits: list[tuple[int, int]] = []
        self.era = 0
        self.passed = 0

    def move(self, state: str) -> None:
        self.state, self.era, self.passed, self.results = state, self.era + 1, 0, []
        if state == "open":
            self.opened = self.clock.now

    def recent(self) -> list[bool]:
        return [well for when, well in self.results if when > int(self.clock.now) - 10]

    @rule(seconds=st.floats(0, 6))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def ask(self) -> None:
        if self.state == "open" and self.clock.now >= self.opened + 5:
            self.move("half-open")
        probing = sum(era == self.era for _, era in self.permits)
        full = self.state == "half-open" and probing + self.passed >= 2
        if self.state == "open" or full:
            refused(self.breaker)
        else:
            self.permits.append((self.breaker.ask(), self.era))

    def pick(self, which: int) -> tuple[int, bool]:
        permit, era = self.permits.pop(which % len(self.permits))
        return permit, era == self.era

    @precondition(lambda self: self.permits)
    @rule(which=st.integers(0, 100))
    def succeed(self, which: int) -> None:
        permit, current = self.pick(which)
        self.breaker.tell_success(permit)
        if current and self.state == "half-open":
            self.passed += 1
            if self.passed == 2:
                self.move("closed")
        elif current:
            self.results.append((int(self.clock.now), True))

    @precondition(lambda self: self.permits)
    @rule(which=st.integers(0, 100))
    def fail(self, which: int) -> None:
        permit, current = self.pick(which)
        self.breaker.tell_failure(permit)
        if not current:
            return
        self.results.append((int(self.clock.now), False))
        recent = self.recent()
        if self.state == "half-open" or (
            len(recent) >= 4 and recent.count(False) / len(recent) >= 0.5
        ):
            self.move("open")

    @precondition(lambda self: self.permits)
    @rule(which=st.integers(0, 100))
    def hang_up(self, which: int) -> None:
        self.breaker.tell_nothing(self.pick(which)[0])

    @invariant()
    def same_state(self) -> None:
        assert self.breaker.state == self.state

    @invariant()
    def same_numbers(self) -> None:
        recent = self.recent()
        assert (self.breaker.calls, self.breaker.failures) == (len(recent), recent.count(False))


TestBreakerMachine = BreakerMachine.TestCase
