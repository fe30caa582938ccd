"""A finished Flow becomes bytes of HTTP/1.1."""

import pytest

from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.answer import Answer, Composer
from ingress.flow import Flow


def flow_of(reply: Reply | None = None, fault: Fault | None = None) -> Flow:
    """Make a Flow that ended so."""
    flow = Flow(Call(id="r-1", operation="a.b"), None, 0.0)
    flow.reply, flow.fault = reply, fault
    return flow


def test_a_reply_is_sent_as_the_worker_said_it() -> None:
    """Status, fields, id, date and body; the flow knows the status and the size."""
    flow = flow_of(Reply(status=201, headers=(("Location", "/x"),), body=b"abc"))
    answer = Composer().compose(flow)
    assert (answer.status, answer.body) == (201, b"abc")
    assert answer.section.startswith(b"location: /x\r\nx-request-id: r-1\r\ndate: ")
    assert (flow.status, flow.bytes_out) == (201, 3)


def test_a_fault_becomes_a_problem_document() -> None:
    """RFC 9457, with Retry-After and never stored."""
    answer = Composer().compose(flow_of(fault=Fault("no_route")))
    assert answer.status == 503
    assert b"content-type: application/problem+json\r\n" in answer.section
    assert b"retry-after: 1\r\n" in answer.section
    assert b"cache-control: no-store\r\n" in answer.section


def test_a_flow_without_any_answer_is_internal() -> None:
    """Nothing fails open."""
    assert Composer().compose(flow_of()).status == 500


@pytest.mark.parametrize("status,sent", [(204, False), (304, False), (205, True), (200, True)])
def test_an_answer_without_a_body_has_no_length_of_one(status: int, *, sent: bool) -> None:
    """RFC 9110 section 8.6; a 205 says that it is empty."""
    flow = flow_of(Reply(status=status, body=b"x"))
    data = Composer().compose(flow).encode(head_only=False, keep_alive=True)
    assert (b"content-length" in data) == sent
    assert data.endswith(b"\r\n\r\nx" if status == 200 else b"\r\n\r\n")


def test_the_answer_to_a_head_has_the_length_alone() -> None:
    """Of the body that a GET would have had."""
    answer = Answer(200, b"", b"abc").encode(head_only=True, keep_alive=False)
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\n"


def test_a_status_of_the_workers_own_has_an_empty_phrase() -> None:
    """RFC 9112 section 4 lets the phrase be empty."""
    answer = Answer(299, b"", b"").encode(head_only=False, keep_alive=True)
    assert answer.startswith(b"HTTP/1.1 299 \r\n")


def test_what_the_gateway_adds_takes_the_place_of_what_the_worker_says() -> None:
    """A field that is a list is added to; any other is the gateway's to say."""
    flow = flow_of(Reply(headers=(("RateLimit", "lies"), ("Vary", "accept"), ("x-a", "1"))))
    flow.headers += [("ratelimit", "truth"), ("vary", "origin")]
    section = Composer().compose(flow).section
    assert section.startswith(b"vary: accept\r\nx-a: 1\r\nratelimit: truth\r\nvary: origin\r\n")
    assert b"lies" not in section


def test_how_limits_stand_is_in_every_answer() -> None:
    """In place of what a worker says of them, beside what else the gateway adds."""
    for added in ([], [("vary", "origin")]):
        flow = flow_of(Reply(headers=(("RateLimit", "lies"), ("ratelimit-policy", "1"))))
        flow.headers += added
        flow.standing = b"ratelimit-policy: p\r\nratelimit: truth\r\n"
        section = Composer().compose(flow).section
        assert section.count(b"ratelimit") == 2
        assert flow.standing in section
        assert (b"vary: origin\r\n" in section) is bool(added)
        flow.reply, flow.fault = None, Fault("rate_limited")
        assert flow.standing in Composer().compose(flow).section


def test_what_the_gateway_adds_is_on_problems_too() -> None:
    """A client that is refused can read why, and when to come again."""
    flow = flow_of(fault=Fault("no_route", headers=(("x-a", "1"),)))
    flow.headers.append(("vary", "origin"))
    section = Composer().compose(flow).section
    assert section.startswith(b"x-a: 1\r\nvary: origin\r\ncontent-type: application/problem+json")


def test_what_the_gateway_adds_splits_no_answer() -> None:
    """What quotes a client's words is held to the grammar: the answer is a problem without it."""
    flow = flow_of(Reply(body=b"abc"))
    flow.headers.append(("x-quote", "a\r\n\r\nHTTP/1.1 200 OK"))
    answer = Composer().compose(flow)
    assert (answer.status, flow.code) == (502, "bad_reply")
    assert b"x-quote" not in answer.section
