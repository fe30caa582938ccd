"""The order of slots."""

from ingress.policies.port import Slot


def test_the_slots_stand_in_the_order_of_the_design() -> None:
    """Cheap refusals first, who it is before how much, the place that is taken last."""
    assert [slot.name for slot in sorted(Slot)] == [
        "EDGE",
        "IDENTITY",
        "QUOTA",
        "SHAPE",
        "CACHE",
        "ONCE",
        "REWRITE",
        "HOLD",
    ]
