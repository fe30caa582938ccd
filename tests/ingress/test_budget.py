from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingress.budget import Budget
from ingress.window import BUCKETS
from tests.ingress.scripted import Clock


def spend(budget: Budget) -> int:
    """Withdraw until there is nothing left."""
    spent = 0
    while budget.withdraw():
        spent += 1
    return spent


def test_a_quiet_route_may_retry() -> None:
    """Without any calls there are three retries for each second of the window."""
    assert spend(Budget(Clock())) == 30


def test_a_fifth_of_the_calls_may_be_retried() -> None:
    """On top of the free ones, one retry is earned by five calls."""
    budget = Budget(Clock(), per_second=0)
    for _ in range(100):
        budget.deposit()
    assert spend(budget) == 20


def test_a_refused_retry_is_not_paid() -> None:
    """Asking in vain costs nothing: the next earned retry is there at once."""
    budget = Budget(Clock(), per_second=0)
    assert [budget.withdraw() for _ in range(50)] == [False] * 50
    for _ in range(5):
        budget.deposit()
    assert budget.withdraw()


def test_retries_are_bounded_a_second() -> None:
    """Over a minute of nothing but retries, three a second are made."""
    clock = Clock()
    budget = Budget(clock)
    spend(budget)
    spent = 0
    for _ in range(60):
        clock.now += 1
        spent += spend(budget)
    assert spent == 180


def test_what_was_spent_comes_back_with_the_window() -> None:
    """Ten seconds later the same can be spent again."""
    clock = Clock()
    budget = Budget(clock)
    spend(budget)
    clock.now += 10
    assert spend(budget) == 30


def test_calls_earn_nothing_after_the_window() -> None:
    """Calls of long ago do not pay for retries of today."""
    clock = Clock()
    budget = Budget(clock, per_second=0)
    for _ in range(100):
        budget.deposit()
    clock.now += 10
    assert spend(budget) == 0


def test_a_budget_tells_what_it_holds() -> None:
    """The repr shows retries and calls of the window."""
    budget = Budget(Clock())
    budget.deposit()
    budget.withdraw()
    assert repr(budget) == "<Budget 1 retries for 1 calls>"


class BudgetMachine(RuleBasedStateMachine):
    """A budget beside a list of everything that happened."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.budget = Budget(self.clock, per_second=0.5)
        self.calls: list[int] = []
        self.retries: list[int] = []

    def recent(self, happened: list[int]) -> int:
        return sum(when > int(self.clock.now) - BUCKETS for when in happened)

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(number=st.integers(1, 30))
    def deposit(self, number: int) -> None:
        for _ in range(number):
            self.budget.deposit()
        self.calls += [int(self.clock.now)] * number

    @rule()
    def withdraw(self) -> None:
        room = 5 + 0.2 * self.recent(self.calls) - self.recent(self.retries)
        assert self.budget.withdraw() is (room >= 1)
        if room >= 1:
            self.retries.append(int(self.clock.now))

    @invariant()
    def same_numbers(self) -> None:
        counts = f"{self.recent(self.retries)} retries for {self.recent(self.calls)} calls"
        assert repr(self.budget) == f"<Budget {counts}>"


TestBudgetMachine = BudgetMachine.TestCase
