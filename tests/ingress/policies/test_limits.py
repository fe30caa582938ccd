import asyncio
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any

import pytest

from contracts.call import Reply
from contracts.fault import Fault
from contracts.stores import open_store
from ingress import routefile
from ingress.auth.identity import Identity
from ingress.auth.reception import Reception
from ingress.compile import compile_plans
from ingress.consumers.records import UsagePlan
from ingress.flow import Flow
from ingress.limits.limit import Ask, Limit, Verdict
from ingress.limits.local import LocalMeter
from ingress.limits.meter import Take
from ingress.limits.sections import LimitSection
from ingress.pipeline import Pipeline
from ingress.policies import limits
from ingress.policies.limits import HoldingLimits, Limits
from tests.ingress.limits.asked import request, told


def _built(meter: Any = None, directory: Any = None, **sections: dict[str, Any]) -> Limits:
    said = {name: LimitSection.model_validate(one).model_dump() for name, one in sections.items()}
    asked = {
        "limits": tuple(sections),
        "limit_sections": said,
        "meter": meter or LocalMeter(None),
        "directory": directory,
        "auth": "on" if directory else "off",
    }
    built = limits.build(asked)
    assert built is not None
    return built


def _fault(policy: Limits, flow: Flow) -> Fault:
    with pytest.raises(Fault) as refusal:
        policy.admit(flow)
    return refusal.value


def test_it_says_in_each_answer_how_limits_stand() -> None:
    """What passes and what is refused both tell the policy and what is left of it."""
    policy = _built(a={"rates": ["2/m"]})
    for left in (1, 0):
        flow = request()
        assert policy.admit(flow) is None
        assert told(flow) == [
            ("ratelimit-policy", '"a";q=2;w=60'),
            ("ratelimit", f'"a";r={left};t=60'),
        ]
    flow = request()
    fault = _fault(policy, flow)
    assert (fault.code, fault.status) == ("rate_limited", 429)
    assert fault.problem()["violated-policies"] == ["a"]
    assert ("ratelimit", '"a";r=0;t=60') in told(flow)
    assert fault.retry_after in {60, 61}
    assert flow.notes["limit_refused"] == "a"


def test_a_quota_that_is_used_up_is_told_as_one() -> None:
    """Of a rate and a quota that both refuse, the quota is told: it lasts longer."""
    policy = _built(a={"rates": ["1/s"], "quotas": ["1/month"]})
    policy.admit(request())
    flow = request()
    fault = _fault(policy, flow)
    assert (fault.code, fault.status) == ("quota_exceeded", 429)
    assert fault.problem()["violated-policies"] == ["a-1s", "a-month"]
    assert dict(told(flow))["ratelimit"].endswith(f"t={fault.retry_after}")


def test_places_are_given_back_by_those_that_had_one() -> None:
    """A call that was admitted gives its place back when it is settled; another has none."""
    policy = _built(a={"concurrent": 1})
    assert isinstance(policy, HoldingLimits)
    first, second = request(), request()
    policy.admit(first)
    assert _fault(policy, second).retry_after == 1
    policy.settle(second)
    assert _fault(policy, request()).code == "rate_limited"
    policy.settle(first)
    policy.admit(request())


class _Directory:
    gold = UsagePlan(name="gold", rates=("3/m",), quotas=("2/day",))

    def plan(self, name: str) -> UsagePlan | None:
        return self.gold if name == "gold" else None

    @property
    def plans(self) -> list[UsagePlan]:
        return [self.gold]


def test_who_has_a_usage_plan_is_held_to_it() -> None:
    """Plan and named limits hold together, and the plan counts by consumer."""
    policy = _built(directory=_Directory(), a={"rates": ["9/m"]})
    anna = Identity(id="k1", scheme="key", consumer="anna", plan="gold")
    for _ in range(2):
        assert policy.admit(request(identity=anna)) is None
    flow = request(identity=anna)
    assert _fault(policy, flow).problem()["violated-policies"] == ["gold-day"]
    assert dict(told(flow))["ratelimit-policy"] == (
        '"a";q=9;w=60, "gold-1m";q=3;w=60, "gold-day";q=2;w=86400'
    )
    ben = Identity(id="k2", scheme="key", consumer="ben", plan="gold")
    assert policy.admit(request(identity=ben)) is None
    assert policy.settings()["usage_plans"] is True


def test_who_has_no_plan_is_told_of_none() -> None:
    """On a route without limits, a caller without a plan is not counted at all."""
    policy = _built(directory=_Directory())
    for identity in (None, Identity(id="x", scheme="jwt"), Identity(id="x", scheme="a", plan="?")):
        flow = request(identity=identity)
        assert policy.admit(flow) is None
        assert (flow.headers, flow.standing) == ([], b"")


class _Down:
    """A meter that cannot count, at once or later."""

    def __init__(self, *, later: bool) -> None:
        self._later = later

    def prepare(self, _: Limit) -> None:
        pass

    def account(self, _: Sequence[Ask]) -> Take:
        async def fail() -> Verdict:
            await asyncio.sleep(0)
            raise Fault("store_down")

        def take() -> Awaitable[Verdict]:
            if not self._later:
                raise Fault("store_down")
            return fail()

        return take


async def _admit(policy: Limits, flow: Flow) -> None:
    waiting = policy.admit(flow)
    if isinstance(waiting, Awaitable):
        assert await waiting is None


@pytest.mark.parametrize("later", [False, True])
async def test_a_store_that_is_down_closes_or_opens(later: bool) -> None:  # noqa: FBT001
    """Unless all limits of a call say open, nothing passes that cannot be counted."""
    down = _Down(later=later)
    closed, opens = {"rates": ["1/s"]}, {"rates": ["1/s"], "when_down": "open"}
    flow = request()
    await _admit(_built(meter=down, a=opens), flow)
    assert (flow.notes, told(flow)) == ({"limit_uncounted": True}, [])
    for sections in ({"a": closed}, {"a": opens, "b": closed}):
        with pytest.raises(Fault, match="store_down"):
            await _admit(_built(meter=down, **sections), request())


def test_a_table_that_cannot_be_made_is_told_by_each_call(tmp_path: Path) -> None:
    """Where no counts can be kept the gateway starts all the same, and answers 503."""
    (tmp_path / "limits").write_text("a file")
    policy = _built(meter=LocalMeter(tmp_path / "limits"), a={"rates": ["1/s"]})
    assert _fault(policy, request()).code == "store_down"


def test_some_limits_count_before_authentication() -> None:
    """They stand in front of it, with places of their own, and the others stay behind it."""
    early = LimitSection(rates=("2/m",), concurrent=1, before_auth=True).model_dump()
    late = LimitSection(rates=("9/m",), concurrent=9).model_dump()
    asked = {
        "limits": ("early", "late"),
        "limit_sections": {"early": early, "late": late},
        "meter": LocalMeter(None),
    }
    first, second = limits.build_early(asked), limits.build(asked)
    assert first is not None
    assert second is not None
    assert isinstance(first, HoldingLimits)
    assert isinstance(second, HoldingLimits)
    flow = request()
    first.admit(flow)
    second.admit(flow)
    assert [value.split(";")[0] for name, value in told(flow) if name == "ratelimit"] == [
        '"early"',
        '"late"',
    ]
    assert _fault(first, request()).problem()["violated-policies"] == ["early-concurrent"]
    for one in (second, first):
        one.settle(flow)
    assert first.admit(request()) is None
    assert limits.build_early({**asked, "limits": ("late",)}) is None
    assert limits.build({**asked, "limits": ("early",)}) is None


def test_it_is_there_only_where_it_was_asked_for() -> None:
    """A route without limits and without callers that may have a plan has no such policy."""
    assert limits.build({}) is None
    assert limits.build({"limits": (), "directory": _Directory()}) is None
    assert limits.build({"auth": "off", "directory": _Directory()}) is None


def test_what_serves_nothing_counts_nothing() -> None:
    """Without a meter the settings can be read, and a call is refused."""
    said = LimitSection(rates=("1/s",)).model_dump()
    policy = limits.build({"limits": ("a",), "limit_sections": {"a": said}})
    assert policy is not None
    assert policy.settings() == {"limits": ['"a";q=1;w=1'], "usage_plans": False}
    assert repr(policy) == '<Limits "a";q=1;w=1>'
    assert _fault(policy, request()).code == "store_down"


_GUESSED = """
auth: {partners: {key: {header: x-api-key}}}
limits:
  guesses: {by: ip, rates: [2/m], before_auth: true}
  known: {by: consumer, rates: [9/m]}
routes: [{route: GET /, operation: a.b, auth: partners, limits: [known, guesses]}]
"""


async def test_who_guesses_keys_is_refused_before_another_is_looked_at(tmp_path: Path) -> None:
    """Each wrong key counts by address, and above the limit no key is looked at, right or wrong."""
    route_file = routefile.parse(_GUESSED.encode(), environment={})
    store, reception = open_store("memory://", tmp_path), Reception(lambda *_: None)
    shared = {"meter": LocalMeter(None), **reception.adopt(route_file, tmp_path, store)}
    (plan,) = compile_plans(route_file, (), shared)
    assert [one.name for one in plan.policies[-3:]] == ["limits_before_auth", "auth", "limits"]
    codes = []
    for _ in range(3):
        flow = request(headers=(("x-api-key", "wrong"),))
        flow.plan = plan
        await Pipeline(unexpected).run(flow)
        codes.append((flow.code, flow.answered_by))
    assert codes == [("unauthenticated", "auth")] * 2 + [("rate_limited", "limits_before_auth")]
    await reception.stop()
    await store.close()


async def unexpected(flow: Flow) -> Reply:
    raise AssertionError(flow)
