"""Whether it is known that the machine starved a gateway."""

import pytest

from tests.chaos.turns import Turns


class Machine:
    """A clock, and what the kernel says of processes."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited = {7: 3.0, 8: 0.5}
        self.pids = {80: 7}
        self.turns = Turns(lambda: self.pids, starved=self.waited.__getitem__, clock=self.time)

    def time(self) -> float:
        return self.now

    def look(self, seconds: float = 1.0, **waited: float) -> None:
        """Look again so many seconds later, when process 7 has waited for so much more."""
        self.now += seconds
        for name, more in waited.items():
            self.waited[int(name[1:])] += more
        self.turns.look()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_what_a_gateway_waited_is_known_for_any_time(machine: Machine) -> None:
    """Only what it waited between the two moments counts, not what came before the begin."""
    for waited in (0.0, 0.2, 0.0, 0.3):
        machine.look(p7=waited)
    turns = machine.turns
    assert turns.starved(80, 101, 104) == pytest.approx(0.5)
    assert turns.starved(80, 102.5, 103) == pytest.approx(0.0)
    assert turns.starved(80, 103.5, 104) == pytest.approx(0.3)
    assert turns.starved(80, 103.5, 200) == pytest.approx(0.3)
    assert turns.starved(81, 100, 200) == 0
    assert turns.worst() == pytest.approx(0.3, abs=0.21)
    assert turns.share() == pytest.approx(100 * 0.5 / 3)


def test_only_the_begin_and_the_end_of_a_call_cost_its_client_time(machine: Machine) -> None:
    """A turn missed when the request comes or is due makes it late; in between it does not."""
    for waited in (0.0, 0.2, 0.0, 0.3, 0.0, 0.1):
        machine.look(p7=waited)
    cost = machine.turns.cost
    assert cost(80, 101, 4, 106) == pytest.approx(0.2 + 0.1)
    assert cost(80, 101, 1, 104) == pytest.approx(0.2 + 0.3)
    assert cost(80, 101, 6, 106) == 0


def test_another_process_goes_on_with_the_account(machine: Machine) -> None:
    """After a gateway was replaced what the new process waited is added, from its begin."""
    machine.look(p7=0.0)
    machine.look(p7=0.2)
    machine.pids = {}
    machine.look()
    machine.pids = {80: 8}
    machine.look()
    assert machine.turns.starved(80, 101, 104) == pytest.approx(0.2 + 0.5)


def test_a_gateway_that_comes_later_has_an_account_too(machine: Machine) -> None:
    """Before its begin it waited for nothing."""
    machine.look(p7=0.0)
    machine.look(p7=0.0)
    machine.pids = {80: 7, 81: 8}
    machine.look(p7=0.0)
    machine.look(p8=0.4)
    assert machine.turns.starved(81, 100, 105) == pytest.approx(0.4)
    assert repr(machine.turns) == "<Turns 4 looks at [80, 81]>"
