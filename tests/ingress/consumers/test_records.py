"""What is stored of consumers."""

import msgspec

from ingress.consumers.records import Consumer, Key, UsagePlan


def test_a_plan_covers_the_routes_that_it_names() -> None:
    """A star stands for anything; without names it is all of them."""
    plan = UsagePlan(name="gold", routes=("GET /v1/*", "POST /v1/orders"))
    names = ["GET /v1/orders/{id}", "POST /v1/orders", "POST /v1/orders/{id}", "GET /v2"]
    assert [plan.covers(name) for name in names] == [True, True, False, False]
    assert UsagePlan(name="free").covers("GET /v2")


def test_records_are_read_as_they_were_written() -> None:
    """Also those that an older version wrote, with fewer fields."""
    records = [
        Consumer(name="anna", groups=("a",), plan="gold"),
        Key(id="k", consumer="anna", digest=b"\x00", secret="s", expires=1.5),
        UsagePlan(name="gold", rates=("1/s",), routes=("GET /",)),
    ]
    for record in records:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=type(record)) == record
    old = msgspec.msgpack.encode({"name": "ben"})
    assert msgspec.msgpack.decode(old, type=Consumer) == Consumer(name="ben")
