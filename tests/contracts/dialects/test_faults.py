import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.brokers.port import Message
from contracts.dialects.faults import read_fault, write_fault
from contracts.fault import Fault

ASKED = Message(correlation_id="c-1", message_id="r-1", reply_to="replies")


def test_a_fault_is_a_problem_document() -> None:
    """A fault is a problem document with its code in a header, to be found without parsing."""
    message = write_fault(
        Fault("out_of_stock", "only 3", status=409, sku="x"), ASKED, worker_us=12, headers={}
    )
    assert message.headers == {"x-error-code": "out_of_stock", "x-worker-us": 12}
    assert (message.type, message.content_type) == ("err", "application/problem+json")
    assert (message.correlation_id, message.message_id) == ("c-1", "r-1")
    assert json.loads(message.body) == {
        "type": "about:blank",
        "title": "Out of stock",
        "status": 409,
        "code": "out_of_stock",
        "detail": "only 3",
        "request_id": "r-1",
        "sku": "x",
    }


def test_what_may_be_done_about_it_travels() -> None:
    """When to come back, and that nothing was run, is read as it was written."""
    message = write_fault(
        Fault("busy", retry_after=9, not_run=True), ASKED, worker_us=None, headers={}
    )
    fault = read_fault("busy", message.body)
    assert (fault.retry_after, fault.not_run) == (9, True)


def test_an_extension_that_json_cannot_carry_is_dropped() -> None:
    """A fault whose extensions are no JSON is reported without them."""
    fault = Fault("conflict", "why", when=datetime.now(UTC))
    message = write_fault(fault, ASKED, worker_us=None, headers={})
    assert read_fault("conflict", message.body).detail == "why"
    assert "when" not in json.loads(message.body)


@pytest.mark.parametrize(
    "detail,read",
    [("half \ud800 a character", "half ? a character"), (ValueError("no tea"), "no tea")],
)
def test_a_detail_that_is_no_text_costs_no_answer(detail: Any, read: str) -> None:
    """Users put into a detail what they have at hand: a client's text, an exception."""
    fault = Fault("out_of_tea", status=409, detail=detail, retry_after=float("nan"))  # type: ignore[arg-type]
    message = write_fault(fault, Message(), worker_us=None, headers={})
    answer = read_fault("out_of_tea", message.body)
    assert (answer.status, answer.detail, answer.retry_after) == (409, read, None)


def test_a_code_in_the_header_is_enough() -> None:
    """A consumer that sends a known code and no document is understood."""
    assert read_fault("not_found", b"").code == "not_found"
    assert read_fault("not_found", b"no JSON").status == 404
    assert read_fault("mine", b"", status=418).status == 418
    assert read_fault("mine", b"").code == "bad_reply"


@given(code=st.text(), body=st.binary())
def test_any_bytes_make_a_fault(code: str, body: bytes) -> None:
    """Whatever comes as a fault becomes one."""
    assert isinstance(read_fault(code, body), Fault)
