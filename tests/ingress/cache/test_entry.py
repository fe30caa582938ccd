"""A stored answer."""

from ingress.cache.entry import Entry
from tests.ingress.cache.entries import entry


def test_its_age_grows_with_the_clock() -> None:
    """And is never below nothing, whatever a clock does."""
    assert [entry().age(now) for now in (1010.0, 990.0)] == [10.0, 0.0]


def test_it_becomes_an_answer_again() -> None:
    """Whole, or with a part of it."""
    reply = entry().reply()
    assert (reply.status, reply.body, reply.headers) == (200, b"hello", entry().fields)
    part = entry().reply((), status=206, body=b"he")
    assert (part.status, part.body, part.headers) == (206, b"he", ())


def test_a_stored_fault_becomes_that_fault() -> None:
    """With its code, its detail and what else its document says."""
    kept = entry(code="not_found", problem=b'{"detail": "no tea", "status": 404, "sku": "x"}')
    fault = kept.reply().fault
    assert fault is not None
    assert (fault.code, fault.detail, fault.extensions) == ("not_found", "no tea", {"sku": "x"})


def test_its_cost_is_about_what_it_takes() -> None:
    """The body counts, and what stands beside it."""
    more = entry(body=b"x" * 10_000).cost - entry(body=b"").cost
    assert more == 10_000
    assert isinstance(entry(), Entry)
    assert entry().cost > 1000
