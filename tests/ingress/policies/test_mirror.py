"""Which calls are copied."""

from contracts.call import Call
from ingress.policies.mirror import Mirror, build
from tests.ingress.policies.asked import Asked
from tests.ingress.routing.plans import of


def test_what_was_not_sent_is_not_copied() -> None:
    """Nor before it was answered."""
    copies: list[Call] = []
    mirror = Mirror(copies.append, "shadow", 1)
    asked = Asked()
    assert mirror.admit(asked) is None
    asked.attempts = 0
    mirror.settle(asked)
    assert copies == []
    asked.attempts = 2
    mirror.settle(asked)
    assert copies == [asked.call]


def test_a_share_of_them_is_copied_by_chance() -> None:
    """Those whose draw is below it."""
    copies: list[Call] = []
    draws = iter([0.0, 0.099, 0.1, 0.9])
    mirror = Mirror(copies.append, "shadow", 0.1, draw=lambda: next(draws))
    for _ in range(4):
        mirror.settle(Asked())
    assert len(copies) == 2


def test_a_route_gets_it_if_it_asks_for_it() -> None:
    """With the route's own place where the mirror says nothing else."""
    (route,) = of("route: GET /a, timeout: 3s, mirror: {queue: shadow, share: 10%}")
    (mirror,) = route.policies
    assert mirror.settings() == {"to": "s.o0 in shadow", "share": 0.1}
    assert route.settlers == (mirror,)
    assert build({}) is None
