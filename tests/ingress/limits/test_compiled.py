from ingress.consumers.records import UsagePlan
from ingress.limits.compiled import Plans, rule
from ingress.limits.sections import LimitSection
from tests.ingress.limits.asked import request


class _Directory:
    def __init__(self) -> None:
        self.known = {"gold": UsagePlan(name="gold", rates=("10/s",), quotas=("5/day",))}

    def plan(self, name: str) -> UsagePlan | None:
        return self.known.get(name)

    @property
    def plans(self) -> list[UsagePlan]:
        return list(self.known.values())


def test_a_section_becomes_its_limits() -> None:
    """All that a section says is in the limits, and whose count a call is."""
    said = {"by": "all", "rates": ["10/s"], "quotas": ["5/day"], "concurrent": 2, "max_keys": 99}
    section = LimitSection.model_validate({**said, "when_down": "open"}).model_dump()
    limits, key_of = rule("a", section)
    assert [one.name for limit in limits for one in limit.parts()] == [
        "a-1s",
        "a-concurrent",
        "a-day",
    ]
    assert {(limit.max_keys, limit.opens) for limit in limits} == {(99, True)}
    assert key_of(request()) == "all"


def test_what_counts_before_authentication_tells_no_header() -> None:
    """Credentials are still in the call there."""
    flow = request(headers=(("x-tenant", "t1"),))
    said = {"by": "header:x-tenant", "rates": ["10/s"]}
    for before, begins in ((False, "t1"), (True, "sha256:")):
        section = LimitSection.model_validate({**said, "before_auth": before})
        assert rule("a", section.model_dump()).key_of(flow).startswith(begins)


def test_a_plan_is_compiled_once_and_again_when_it_changes() -> None:
    """The same plan gives the same limits, a changed one others, and one that is gone none."""
    directory = _Directory()
    plans = Plans(directory)
    before = plans.limits("gold")
    assert plans.all() == list(before)
    assert plans.limits("gold") is before
    assert len(before) == 2
    directory.known["gold"] = UsagePlan(name="gold", rates=("20/s",))
    assert [one.policy for one in plans.limits("gold")] == ['"gold";q=20;w=1']
    del directory.known["gold"]
    assert plans.limits("gold") == ()
    assert repr(plans) == "<Plans []>"
