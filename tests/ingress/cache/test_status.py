"""What the client is told."""

from ingress.cache.status import forwarded, hit
from tests.ingress.cache.entries import entry


def test_a_hit_tells_how_long_it_holds() -> None:
    """RFC 9211 section 2.3: below nothing when it is stale."""
    assert hit(entry(), 1010.0) == ("cache-status", "queuegate; hit; ttl=50")
    assert hit(entry(), 1070.0, "stale")[1] == "queuegate; hit; ttl=-10; detail=stale"


def test_a_call_tells_why_and_what_came_of_it() -> None:
    """Section 2.2 and on."""
    assert forwarded("bypass")[1] == "queuegate; fwd=bypass"
    said = forwarded("stale", status=304, stored=True, collapsed=True, detail="x")[1]
    assert said == "queuegate; fwd=stale; fwd-status=304; stored; collapsed; detail=x"
