import logging
from typing import Any

import msgspec
import pytest

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.validate_reply import ValidateReply, build
from ingress.validation.checker import Checker
from tests.ingress.policies.asked import Asked
from tests.ingress.policies.test_validate import shape
from tests.ingress.scripted import Clock

ORDER = {"type": "object", "required": ["id"]}


def policy(*, enforce: bool = True, clock: Any = None) -> ValidateReply:
    replies = {"2XX": Checker(ORDER)}
    return ValidateReply(replies, enforce=enforce, clock=clock or Clock())


def settled(one: ValidateReply, reply: Reply | None, method: str = "GET") -> Asked:
    asked = Asked()
    asked.call = msgspec.structs.replace(asked.call, method=method)
    asked.reply = reply
    assert one.admit(asked) is None
    one.settle(asked)
    return asked


def test_a_reply_that_fits_passes() -> None:
    """So does one of a status that nobody described, and a fault."""
    settled(policy(), Reply.json({"id": 1}))
    settled(policy(), Reply.json([], status=404))
    settled(policy(), None)


@pytest.mark.parametrize(
    "reply, why",
    [
        (Reply.json({}), "/id is required"),
        (Reply(body=b"{", headers=(("content-type", "application/json"),)), "not well-formed"),
        (Reply(body=b"x", headers=(("content-type", "text/plain"),)), "is text/plain"),
        (Reply(body=b""), "not well-formed JSON"),
    ],
)
def test_one_that_does_not_is_502(reply: Reply, why: str) -> None:
    """The client hears where, and never what was there."""
    with pytest.raises(Fault, match=why) as caught:
        settled(policy(), reply)
    assert (caught.value.code, caught.value.status) == ("bad_reply", 502)


def test_what_has_no_body_is_not_looked_at() -> None:
    """The answer to a HEAD, and statuses without content."""
    settled(policy(), Reply(), method="HEAD")
    settled(policy(), Reply(status=204))


def test_one_warning_a_second_counts_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """A worker that is wrong is wrong on every call."""
    clock = Clock()
    one = policy(enforce=False, clock=clock)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert settled(one, Reply.json({})).reply is not None
        clock.now += 2
        settled(one, Reply.json({}))
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert said[0].startswith("reply of s.o does not fit its schema: /id is required (1 since")
    assert "(3 since" in said[1]


def test_it_is_there_only_where_a_route_asks() -> None:
    """Not where nobody waits for the reply."""
    given = {"replies": {"2XX": Checker(ORDER)}}
    assert build({}) is None
    assert build({"shape": shape(**given)}) is None
    assert build({"shape": shape(**given, on_reply="log"), "accept": True}) is None
    built = build({"shape": shape(**given, on_reply="enforce")})
    assert built is not None
    assert built.settings() == {"replies": "enforce", "statuses": ["2XX"]}
