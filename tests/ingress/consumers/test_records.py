"""What is stored of consumers."""

import msgspec

from ingress.consumers.records import Consumer, Key, UsagePlan


def test_records_are_read_as_they_were_written() -> None:
    """Also those that an older version wrote, with fewer fields."""
    records = [
        Consumer(name="anna", groups=("a",), plan="gold"),
        Key(id="k", consumer="anna", digest=b"\x00", secret="s", expires=1.5),
        UsagePlan(name="gold", amounts={"rates": ["1/s"]}, routes=("GET /",)),
    ]
    for record in records:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=type(record)) == record
    old = msgspec.msgpack.encode({"name": "ben"})
    assert msgspec.msgpack.decode(old, type=Consumer) == Consumer(name="ben")
