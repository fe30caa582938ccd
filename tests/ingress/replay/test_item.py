import msgspec
import pytest

from ingress.journal.record import Record
from ingress.replay.item import REASONS, answer_of, item_of
from tests.ingress.journal.recorded import full, record


def test_an_item_repeats_the_call() -> None:
    """Method, target, headers and body are those of the record, linked to it by run and id."""
    item = item_of(full(7))
    assert (item.target, item.body) == ("/v1/orders?dry=1", b'{"sku": "tea", "quantity": 2}')
    call = item.call("mend", "new-1", deadline=5)
    assert (call.replay, call.id, call.deadline) == ("mend/r-7", "new-1", 5)
    assert call.headers == (("content-type", "application/json"), ("x-shop", "a"))


def test_what_belongs_to_one_request_is_not_repeated() -> None:
    """Host, length, request id, trace and an old mark are left out."""
    names = ("Host", "content-length", "x-request-id", "traceparent", "queuegate-replay")
    headers = tuple((name.lower(), "x") for name in names)
    assert item_of(full(request_headers=(*headers, ("a", "b")))).headers == (("a", "b"),)


def test_what_changes_something_is_unsafe() -> None:
    """A safe method or an idempotency key makes it harmless to send a call twice."""
    assert item_of(full()).reasons == ("unsafe",)
    assert item_of(full(request_headers=(("idempotency-key", "1"),))).reasons == ()
    assert item_of(msgspec.structs.replace(full(), method="HEAD")).reasons == ()


@pytest.mark.parametrize(
    "changes, reasons",
    [
        ({"level": "metadata"}, ("metadata",)),
        ({"cut": ("request",)}, ("cut",)),
        ({"cut": ("reply",)}, ()),
        ({"redacted": ("request.body $.card",)}, ("redacted",)),
        ({"redacted": ("reply.header set-cookie",)}, ()),
        ({"redacted": ("query token",)}, ("redacted",)),
        ({"redacted": ("request.body: withheld, it is compressed",)}, ("redacted",)),
        ({"content": b"?", "key": "k1"}, ("locked",)),
    ],
)
def test_what_is_not_whole_has_reasons(changes: dict[str, object], reasons: tuple[str]) -> None:
    """Each thing that a record lacks is a reason not to send it."""
    whole = msgspec.structs.replace(full(), method="GET")
    item = item_of(msgspec.structs.replace(whole, **changes))
    assert item.reasons == reasons
    assert set(reasons) <= set(REASONS)


def test_the_operator_supplies_what_was_taken_out() -> None:
    """A redacted header is not sent, and is no reason any more when the operator gives it."""
    taken = msgspec.structs.replace(
        full(request_headers=(("authorization", "[redacted]"), ("a", "b"))),
        method="GET",
        redacted=("request.header authorization",),
    )
    assert (item_of(taken).headers, item_of(taken).reasons) == ((("a", "b"),), ("redacted",))
    item = item_of(taken, (("authorization", "Bearer x"),))
    assert (item.headers, item.reasons) == ((("a", "b"), ("authorization", "Bearer x")), ())


def test_the_recorded_answer_says_what_it_lacks() -> None:
    """An answer of metadata is bare, a cut one is cut, and what was taken out is named."""
    assert answer_of(record()).bare
    assert not answer_of(full()).bare
    hidden = ("reply.header set-cookie", "reply.body $.card", "reply.body pin", "query token")
    answer = answer_of(msgspec.structs.replace(full(), cut=("reply",), redacted=hidden))
    assert (answer.cut, answer.hidden) == (True, ("header:set-cookie", "$.card", '$..["pin"]'))
    withheld = ("reply.body: withheld, it is compressed", "reply.body $[?(@.a)]")
    answer = answer_of(msgspec.structs.replace(full(), redacted=withheld))
    assert answer.hidden == ("$", "body")
    answer = answer_of(full())
    assert (answer.status, answer.seconds) == (201, 0.0025)


def test_a_record_without_a_place_is_told_by_time_and_id() -> None:
    """Records that come from no journal have a place all the same."""
    plain = Record(id="a", started=5, method="GET", path="/", level="full")
    assert item_of(plain).place == "5-a"
