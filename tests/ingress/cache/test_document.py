"""What people and programs are told of the cache."""

from ingress.cache.document import entry_document, stats_document
from ingress.cache.shelf import Shelf
from tests.ingress.cache.entries import entry


def test_an_entry_without_its_body() -> None:
    """For what it answers, how old it is, and with all of its fields only when asked."""
    one = entry(part="x=1\n\nacme\n\nkey\x1fanna", vary=("a",), varied=("1",), tags=("t",))
    told = entry_document(one, 1010.0)
    assert told == {
        "host": "shop",
        "path": "/a",
        "query": "x=1",
        "vary": {"a": "1"},
        "status": 200,
        "bytes": 5,
        "age": 10.0,
        "ttl": 50.0,
        "tags": ["t"],
        "key": " | acme |  | key anna",
    }
    full = entry_document(entry(fields=(("x", "1"), ("set-cookie", "a=b"))), 1010.0, full=True)
    assert (full["headers"], full["etag"]) == ([["x", "1"]], '"1"')


def test_the_ratio_of_a_cache_that_nobody_asked() -> None:
    """There is none."""
    assert stats_document(Shelf(0))["hit_ratio"] is None
