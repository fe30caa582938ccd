from ingress.journal.entry import Entry, entries, entry
from ingress.journal.migrate import decode
from tests.ingress.journal.recorded import full, record


def test_an_entry_says_what_its_record_says() -> None:
    """Whatever a store is given, it finds the same under each name."""
    one = full(3, query="a=b")
    made = entry(one)
    for name in Entry.__slots__:
        assert getattr(made, name) == getattr(one, name)
    assert decode(made.stored) == one


def test_who_asks_is_the_caller_or_the_address() -> None:
    """Somebody who identified himself is not looked for by his address."""
    asked = entries([record(caller="ann"), entry(record())])
    assert [one.asker for one in asked] == ["ann", "10.0.0.7"]
