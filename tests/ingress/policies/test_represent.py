import pytest

from contracts import codec
from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.represent import Represent, build
from ingress.representation import cbor
from tests.ingress.policies.asked import Asked

JSON, MSGPACK, CBOR = "application/json", "application/msgpack", "application/cbor"
POLICY = Represent((JSON, MSGPACK, CBOR))
VALUE = {"sku": "tea", "tags": ["a"]}


def settled(given: Reply | None, accept: str = "") -> Asked:
    asked = Asked(accept=accept)
    asked.reply = given
    assert POLICY.admit(asked) is None
    POLICY.settle(asked)
    return asked


def test_a_reply_has_the_form_that_is_wanted() -> None:
    """With its content type, a weak tag, and word to caches."""
    given = Reply.json(VALUE, headers=(("ETag", '"a"'), ("content-length", "3")))
    for accept, kind, body in [
        (MSGPACK, MSGPACK, codec.pack(VALUE)),
        (f"{JSON};q=0.5, {CBOR}", CBOR, cbor.pack(VALUE)),
    ]:
        asked = settled(given, accept)
        assert asked.reply is not None
        assert asked.reply.body == body
        assert asked.reply.headers == (("ETag", 'W/"a"'), ("content-type", kind))
        assert asked.headers == [("vary", "accept")]


@pytest.mark.parametrize("accept", ["", "*/*", JSON, "text/html, */*;q=0.1"])
def test_json_stays_json(accept: str) -> None:
    """As it is; but another client would get it otherwise."""
    given = Reply.json(VALUE)
    asked = settled(given, accept)
    assert asked.reply is given
    assert asked.headers == [("vary", "accept")]


@pytest.mark.parametrize(
    "given",
    [
        None,
        Reply(),
        Reply(headers=(("content-type", "image/png"),), body=b"x"),
        Reply(headers=(("content-type", JSON), ("content-encoding", "br")), body=b"x"),
        Reply(status=206, headers=(("content-type", JSON),), body=b"x"),
    ],
)
def test_what_is_no_json_is_left_alone(given: Reply | None) -> None:
    """Pictures, what is encoded, parts, and nothing."""
    asked = settled(given, MSGPACK)
    assert asked.reply is given
    assert asked.headers == []


def test_json_that_is_none_is_502() -> None:
    """The worker said that it was."""
    with pytest.raises(Fault, match="bad_reply"):
        settled(Reply(headers=(("content-type", JSON),), body=b"{"), MSGPACK)


def test_it_is_there_only_where_a_route_asks() -> None:
    """For more than one form, of a reply that is waited for."""
    assert build({}) is None
    assert build({"negotiate": "off"}) is None
    assert build({"negotiate": {"media": (JSON,)}}) is None
    assert build({"negotiate": {"media": (JSON, CBOR)}, "accept": True}) is None
    built = build({"negotiate": {"media": (JSON, CBOR)}})
    assert built is not None
    assert built.settings() == {"media": [JSON, CBOR]}
