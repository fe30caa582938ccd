import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.fault import TABLE, Blame, Fault

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize("code", TABLE)
def test_each_code_makes_sense(code: str) -> None:
    """A code's status is an error, and it blames the caller just when the status is 4xx."""
    kind = TABLE[code]
    assert 400 <= kind.status <= 599
    assert (kind.blame is Blame.CALLER) == (kind.status < 500)
    assert Fault(code).known


@pytest.mark.parametrize("code", [code for code, kind in TABLE.items() if kind.status == 503])
def test_unavailable_says_when_to_come_back(code: str) -> None:
    """Each 503 has a Retry-After and did not run the operation."""
    assert TABLE[code].retry_after
    assert TABLE[code].not_run


@pytest.mark.parametrize("code", [code for code, kind in TABLE.items() if kind.counts])
def test_only_workers_count_for_the_breaker(code: str) -> None:
    """What counts against a backend is the backend's own doing."""
    assert TABLE[code].blame is Blame.WORKER


def test_a_code_of_ones_own() -> None:
    """An own code needs a status, which says whom it blames and whether it counts."""
    ours = Fault("out_of_stock", status=409, sku="x")
    theirs = Fault("bank_down", status=502)
    assert (ours.kind.blame, ours.kind.counts, ours.title) == (Blame.CALLER, False, "Out of stock")
    assert (theirs.kind.blame, theirs.kind.counts) == (Blame.WORKER, True)
    assert not ours.known
    assert not ours.not_run


@pytest.mark.parametrize(
    "code, status",
    [("own", None), ("own", 200), ("own", 600), ("Own", 400), ("", 400), ("x-y", 400)],
)
def test_a_bad_code_of_ones_own(code: str, status: int | None) -> None:
    """An own code without a usable status, or not in snake case, is a mistake of the program."""
    with pytest.raises(ValueError, match="code"):
        Fault(code, status=status)


def test_the_problem_document() -> None:
    """The document has the members of RFC 9457, the code, the request id and the extensions."""
    fault = Fault("conflict", "already there", sku="x")
    assert fault.problem("r-1") == {
        "type": "about:blank",
        "title": "The state of the resource forbids this",
        "status": 409,
        "code": "conflict",
        "detail": "already there",
        "request_id": "r-1",
        "sku": "x",
    }
    assert "detail" not in Fault("conflict").problem()


def test_extensions_cannot_fake_members() -> None:
    """An extension does not replace a member that the gateway answers for."""
    assert Fault("conflict", type="evil", code2=1).problem()["type"] == "about:blank"


def test_reprs_and_texts() -> None:
    """A fault says its code, status, blame, whether it ran, and the detail."""
    assert repr(Fault("busy", "full")) == "<Fault busy 503 worker not run 'full'>"
    assert repr(Fault("worker_error")) == "<Fault worker_error 500 worker may have run>"
    assert str(Fault("busy", "full")) == "busy: full"
    assert str(Fault("busy")) == "busy: The worker has no room"


def test_copies_keep_everything() -> None:
    """Copy and pickle keep every field and the extensions."""
    fault = Fault("own", "why", status=418, title="T", not_run=True, retry_after=3, sku="x")
    for twin in (copy.copy(fault), pickle.loads(pickle.dumps(fault))):  # noqa: S301 - our own
        assert twin.problem() == fault.problem()
        assert (twin.not_run, twin.retry_after, twin.kind) == (True, 3, fault.kind)


def test_a_fault_crosses_the_wire() -> None:
    """A fault rebuilt from its document is the same fault."""
    fault = Fault("out_of_stock", "only 3", status=409, sku="x")
    document = {**fault.problem("r-1"), "retry_after": 5, "not_run": True}
    again = Fault.from_wire("out_of_stock", document)
    assert again.problem("r-1") == fault.problem("r-1")
    assert (again.retry_after, again.not_run) == (5, True)


@pytest.mark.parametrize("code", ["internal", "broker_down", "no_route", "overloaded"])
def test_workers_do_not_speak_for_others(code: str) -> None:
    """A worker that reports a fault of the broker or the gateway gave a bad reply."""
    assert Fault.from_wire(code, {"status": 503}).code == "bad_reply"


@given(code=st.text() | st.sampled_from([*TABLE, "own"]), problem=st.dictionaries(st.text(), JSON))
def test_any_document_makes_a_fault(code: str, problem: dict[str, Any]) -> None:
    """Whatever a worker sends as a fault becomes one, with an error status."""
    fault = Fault.from_wire(code, problem)
    assert 400 <= fault.status <= 599
    assert fault.problem()["code"] == fault.code


@pytest.mark.parametrize("seconds", [True, 1.5, -1, "1", None])
def test_only_whole_seconds_become_a_retry_after(seconds: Any) -> None:
    """What is written into a header field of the answer is a number, or nothing."""
    document = {"status": 409, "retry_after": seconds}
    assert Fault.from_wire("out_of_tea", document).retry_after is None
