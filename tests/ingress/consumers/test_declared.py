"""The consumers of a route file."""

from ingress.consumers import declared, token
from ingress.consumers.digests import Digests
from ingress.consumers.records import UsagePlan
from ingress.consumers.sections import ConsumerSection, UsagePlanSection


def test_consumers_and_keys_are_read_and_keys_are_not_kept() -> None:
    """A key of our form is called by its id, another by what the file calls it."""
    ours, digests = token.make(), Digests()
    foreign = {"key": "made-somewhere-else", "id": "old", "expires": "1970-01-02"}
    section = ConsumerSection.model_validate(
        {"groups": ["a"], "scopes": ["s"], "roles": ["r"], "keys": [ours, foreign, "f" * 16]}
    )
    plan = UsagePlanSection.model_validate({"rates": ["1/s"], "concurrent": 2, "routes": ["GET /"]})
    found = declared.known({"anna": section}, {"gold": plan}, digests)
    (anna,) = found.consumers
    assert (anna.name, anna.groups, anna.scopes, anna.roles) == ("anna", ("a",), ("s",), ("r",))
    assert [(key.id, key.foreign) for key in found.keys] == [
        (token.id_of(ours), False),
        ("old", True),
        ("anna-3", True),
    ]
    assert [key.expires for key in found.keys] == [0.0, 86_400.0, 0.0]
    assert found.keys[0].digest == digests.make(ours)
    assert ours not in repr(found)
    assert found.plans == (UsagePlan(name="gold", rates=("1/s",), concurrent=2, routes=("GET /",)),)
