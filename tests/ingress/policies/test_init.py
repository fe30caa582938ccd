"""The one list of policies."""

from contextlib import AbstractContextManager, nullcontext

import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress import policies
from ingress.affinity.policy import Affinity
from ingress.auth.identity import Identity
from ingress.authz.sections import RuleSection
from ingress.cache.sections import CacheSection
from ingress.compile import DIALECTS
from ingress.limits.local import LocalMeter
from ingress.limits.sections import LimitSection
from ingress.plan import Plan, Target
from ingress.policies.port import Slot
from ingress.protection.sections import CorsSection, JsonLimitsSection, SecurityHeadersSection
from ingress.routing.keys import first_of
from ingress.transform.sections import TransformSection
from ingress.validation.checker import Checker
from ingress.variants.choice import Choice
from ingress.variants.policy import Variants
from ingress.versions.policy import Version
from ingress.versions.sections import VersionSection
from tests.ingress.auth.shown import Scripted
from tests.ingress.policies.asked import Asked
from tests.ingress.policies.test_require_worker import Seen
from tests.ingress.policies.test_validate import shape

TARGET = Target(operation="orders.get", dialect=DIALECTS["raw"], routing_key="orders.0")
LANES = [Plan(name="", method="GET", pattern="/", target=TARGET)]
EVERYTHING = {
    "auth": "partners",
    "authenticators": {"partners": Scripted("partners", Identity(id="anna", scheme="key"))},
    "allow": RuleSection(ip=("198.51.100.0/24",)),
    "max_body": 10,
    "body": {"media": ("application/json",), "required": True, "wellformed": True},
    "security_headers": SecurityHeadersSection().model_dump(),
    "cors": CorsSection(origins=("https://a.example",)).model_dump(),
    "ip": {"allow": None, "deny": ("192.0.2.0/24",)},
    "limits": ("a", "b"),
    "limit_sections": {
        "a": LimitSection(rates=("9/s",)).model_dump(),
        "b": LimitSection(rates=("9/s",), before_auth=True).model_dump(),
    },
    "meter": LocalMeter(None),
    "json_limits": JsonLimitsSection().model_dump(),
    "cache": CacheSection().model_dump(),
    "caching": True,
    "method": "ANY",
    "require_worker": True,
    "to_queue": "orders",
    "watch": Seen(1),
    "body_limit": 9,
    "forms": {"parts": 9, "field_size": 9, "file_size": 9},
    "negotiate": {"media": ("application/json", "application/cbor")},
    "most": 9,
    "transformation": TransformSection.model_validate({"request": {"body": "body"}}),
    "decompress": {"codings": ("gzip",), "ratio": 9},
    "compress": {"codings": ("gzip",), "min_size": 9, "media": ("text/*",)},
    "shape": shape({"type": "object"}, on_reply="log", replies={"200": Checker({})}),
    "way": "orders",
    "versioned": Version("1", VersionSection()),
    "reply": {"status": 200, "headers": None, "body": "hi"},
    "redirect": {"to": "/a", "status": 308, "query": "keep"},
    "maintenance": {"retry_after": 60.0, "detail": ""},
    "affine": Affinity(["address"], {"": LANES}),
    "divert": Variants({}, [], Choice({"": 1.0}), first_of([]), {"weights": ["next 0.05"]}),
    "mirror": {"share": 0.1},
    "mirror_copy": print,
    "mirror_to": "orders.create in shadow",
    "shed": {"tolerance": 0.5, "floor": 0.002, "at_least": 2, "at_most": 1000},
    "bulkhead": {"max_in_flight": 2, "max_waiting": 1, "wait": 0.1},
}


def test_every_slot_and_every_place_has_its_reason() -> None:
    """Nothing stands where it stands for no reason."""
    assert set(policies.REASONS) == set(Slot)
    assert all(policies.REASONS.values())
    assert all(place.reason for place in policies.ORDER)


def test_the_list_is_in_the_order_of_the_slots() -> None:
    """A policy of an early slot never stands behind one of a late slot."""
    slots = [place.slot for place in policies.ORDER]
    assert slots == sorted(slots)


def test_what_a_route_asks_for_is_built_in_order() -> None:
    """Each policy knows its name and slot, as the list says them."""
    built = policies.build(EVERYTHING)
    assert [policy.name for policy in built] == [place.name for place in policies.ORDER]
    for policy in built:
        place = policies.place_of(policy)
        assert (policy.name, policy.slot) == (place.name, place.slot)


def test_what_a_route_does_not_ask_for_is_not_there() -> None:
    """Off costs nothing."""
    assert policies.build({}) == ()
    assert [policy.name for policy in policies.build({"max_body": 1})] == ["size"]


@pytest.mark.parametrize("place", policies.ORDER, ids=lambda place: place.name)
def test_every_policy_tells_its_settings_in_plain_values(place: policies.Place) -> None:
    """What `routes explain` prints needs no knowledge of the policy."""
    policy = place.build(EVERYTHING)
    assert policy is not None
    assert policy.settings()
    plain = (str, int, float, bool, list)
    assert all(isinstance(value, plain) for value in policy.settings().values())


@pytest.mark.parametrize("place", policies.ORDER, ids=lambda place: place.name)
def test_every_policy_decides_at_once(place: policies.Place) -> None:
    """None of those here waits for anything; three of them are there to answer."""
    policy = place.build(EVERYTHING)
    assert policy is not None
    closed = place.name == "maintenance"
    refused: AbstractContextManager[object] = pytest.raises(Fault) if closed else nullcontext()
    with refused:
        answer = policy.admit(Asked(b"{}", content_type="application/json"))
        assert isinstance(answer, Reply) == (place.name in {"reply", "redirect"})
