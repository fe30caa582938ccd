from typing import Any

import msgspec
import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.policies.transform import Transform, build
from ingress.transform.sections import TransformSection
from tests.ingress.policies.asked import Asked


def policy(most: int = 1000, **sides: Any) -> Transform:
    return Transform(TransformSection.model_validate(sides), most=most)


def test_the_worker_gets_the_request_that_it_wants() -> None:
    """And who asks for its value afterwards need not parse it."""
    asked = Asked(b'{"data": 1}', content_type="application/json")
    assert policy(request={"body": "body.data"}).admit(asked) is None
    assert asked.call.body == b"1"
    assert content.value(asked) == 1
    assert asked.notes["content"][0] is asked.call.body


def test_the_client_gets_the_reply_that_it_expects() -> None:
    """A fault stays as it is."""
    asked = Asked()
    asked.reply = Reply.json([1])
    one = policy(reply={"body": "{items: body}"})
    assert one.admit(asked) is None
    one.settle(asked)
    assert asked.reply is not None
    assert msgspec.json.decode(asked.reply.body) == {"items": [1]}
    asked.reply, asked.fault = None, Fault("deadline")
    one.settle(asked)
    assert asked.reply is None


def test_a_request_that_cannot_be_made_is_400() -> None:
    """Whether it is no JSON or no fit."""
    one = policy(request={"body": "length(body)"})
    for body in (b"{", b"5"):
        with pytest.raises(Fault) as caught:
            one.admit(Asked(body))
        assert caught.value.code == "invalid_request"


def test_a_reply_that_cannot_be_made_is_502() -> None:
    """It is the worker's fault, and is not let out as it is."""
    one = policy(reply={"body": "length(body)"})
    for body in (b"{", b"5"):
        asked = Asked()
        asked.reply = Reply(headers=(("content-type", "application/json"),), body=body)
        with pytest.raises(Fault) as caught:
            one.settle(asked)
        assert caught.value.code == "bad_reply"


def test_it_is_there_only_where_a_route_asks() -> None:
    """An empty section asks for nothing."""
    assert build({}) is None
    assert build({"transformation": TransformSection()}) is None
    section = TransformSection.model_validate({"request": {"body": "body.data", "query": {}}})
    built = build({"transformation": section, "most": 9})
    assert built is not None
    assert built.settings() == {"request.query": "changed", "request.body": "body.data"}
