import json
import time
from typing import Any

import msgspec
import pytest

from contracts.call import Caller, Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.journal.compose import Composer
from ingress.journal.crypt import Keyring
from ingress.journal.entry import Entry
from ingress.journal.migrate import decode
from ingress.journal.record import EMPTY, Record
from ingress.journal.recording import Recording
from ingress.journal.redact import REDACTED
from tests.ingress import scripted

SENT = (("content-type", "application/json"), ("authorization", "Bearer s3cret"))


def finished(recording: Recording | None, **call: Any) -> Flow:
    """Make a Flow that was answered after 10 ms: 2 in the queue, 5 in the worker, 1 of pause."""
    plan = scripted.plan(journal=recording)
    fields = {"method": "POST", "path": "/x", "query": "a=1&token=s3cret", "headers": SENT, **call}
    flow = scripted.flow(plan, clock=lambda: 100.0, **fields)
    flow.finished, flow.waited, flow.worker, flow.paused = 100.010, 0.007, 0.005, 0.001
    flow.status, flow.attempts, flow.bytes_out = 200, 2, 4
    flow.reply = Reply(headers=(("Set-Cookie", "s3cret"), ("X-A", "b")), body=b"well")
    return flow


def recorded(flow: Flow, otherwise: Recording | None = None) -> Record:
    """Make the record of a Flow, and read it as it is stored."""
    return decode(Composer(otherwise)(flow).stored)


def test_a_record_tells_the_story_of_a_flow() -> None:
    """Who asked for what, what came of it, and where the time went."""
    caller = Caller(id="alice", address="::1")
    record = recorded(finished(Recording(), caller=caller, body=b"12345", replay="again/r-0"))
    assert (record.id, record.method, record.path, record.route) == ("r-1", "POST", "/x", "GET /x")
    assert (record.operation, record.status, record.attempts) == ("orders.get", 200, 2)
    assert (record.caller, record.client, record.asker) == ("alice", "::1", "alice")
    assert (record.bytes_in, record.bytes_out) == (5, 4)
    times = (record.duration_us, record.queue_us, record.worker_us, record.paused_us)
    assert [round(us / 1000) for us in (*times, record.gateway_us)] == [10, 2, 5, 1, 2]
    assert (record.run, record.replay_of) == ("again", "r-0")


def test_a_moment_is_told_by_the_clock_on_the_wall() -> None:
    """The start is in Unix milliseconds, whatever clock the Flow was timed with."""
    flow = finished(Recording())
    flow.received = time.perf_counter()
    assert abs(recorded(flow).started - time.time() * 1000) < 1000


def test_metadata_has_no_headers_and_no_bodies() -> None:
    """At the lower level the query alone is kept, without its secrets."""
    record = recorded(finished(Recording(), body=b"12345"))
    assert record.open == msgspec.structs.replace(EMPTY, query=f"a=1&token={REDACTED}")
    assert record.redacted == ("query token",)
    assert record.level == "metadata"


def test_full_has_all_that_went_over_the_wire() -> None:
    """Headers and bodies of both ways are kept, without their secrets."""
    record = recorded(finished(Recording(level="full"), body=b'{"a": 1}'))
    content = record.open
    assert content.request_headers == (SENT[0], ("authorization", REDACTED))
    assert content.reply_headers == (("set-cookie", REDACTED), ("x-a", "b"))
    assert (content.request_body, content.reply_body) == (b'{"a": 1}', b"well")
    assert set(record.redacted) == {
        "query token",
        "request.header authorization",
        "reply.header set-cookie",
    }
    assert b"s3cret" not in record.stored


def test_what_is_too_long_is_cut_visibly() -> None:
    """Bodies beyond the bound are cut, marked, and their whole size is told."""
    record = recorded(finished(Recording(level="full", max_body=3), body=b"12345"))
    assert (record.open.request_body, record.open.reply_body) == (b"123", b"wel")
    assert record.cut == ("request", "reply")
    assert record.bytes_in == 5


def test_secrets_are_found_before_a_body_is_cut() -> None:
    """A secret that stands across the cut does not leave its first half behind."""
    flow = finished(Recording(level="full", max_body=20), body=b'{"password": "s3cret-of-many"}')
    assert b"s3c" not in recorded(flow).open.request_body


def test_a_withheld_body_counts_as_cut() -> None:
    """Who replays it must know that the body is not there."""
    headers = (("content-encoding", "gzip"),)
    record = recorded(finished(Recording(level="full"), headers=headers, body=b"\x1f\x8b"))
    assert record.cut == ("request",)


def test_a_fault_is_recorded_as_the_client_saw_it() -> None:
    """The answer to a refused request is its problem document."""
    flow = finished(Recording(level="full"))
    flow.reply, flow.fault, flow.status = None, Fault("busy"), 503
    record = recorded(flow)
    assert (record.status, record.code) == (503, "busy")
    assert json.loads(record.open.reply_body)["code"] == "busy"
    assert record.reply_header("content-type") == "application/problem+json"
    assert record.reply_header("retry-after") == "1"


def test_an_answer_without_a_body_has_none() -> None:
    """What the worker said and HTTP does not carry is not taken for an answer's body."""
    flow = finished(Recording(level="full"))
    flow.bytes_out = 0
    assert recorded(flow).open.reply_body == b""


def test_what_met_no_route_is_recorded_too() -> None:
    """A request without a route has a dash for its name and what ``defaults`` ask for."""
    flow = finished(None)
    flow.plan = None
    record = recorded(flow, Recording(level="full"))
    assert (record.route, record.level) == ("-", "full")


FULL = Recording(level="full")


@pytest.mark.parametrize(
    "recording, body, light",
    [
        (Recording(), b"", True),
        (None, b"x" * 5000, True),
        (FULL, b"x" * 4000, True),
        (FULL, b"x" * 5000, False),
    ],
)
def test_what_is_small_is_made_at_once(
    recording: Recording | None, body: bytes, *, light: bool
) -> None:
    """A record of some microseconds may be made on the event loop's thread."""
    flow = finished(recording, body=body)
    made = Composer(None).at_once(flow)
    assert (made is not None) is light
    assert made is None or decode(made.stored) == recorded(flow)


def test_what_is_to_be_encrypted_is_not_made_at_once() -> None:
    """Encryption is the thread's; metadata without a query has nothing to encrypt."""
    composer = Composer(None, lock=Keyring([b"k" * 32]).lock)
    assert not composer.at_once(finished(FULL))
    assert not composer.at_once(finished(Recording(), query="a=b"))
    assert composer.at_once(finished(Recording(), query=""))


@pytest.mark.parametrize("recording", [FULL, Recording()])
def test_a_key_locks_what_may_be_nobodys_business(recording: Recording) -> None:
    """Nothing of the content can be read without the key, and all of it with the key."""
    ring = Keyring([b"k" * 32])
    flow = finished(recording, body=b"of-mine")
    stored = Composer(None, lock=ring.lock)(flow).stored
    assert not {one for one in (b"a=1", b"of-mine", b"well") if one in stored}
    record = decode(stored)
    assert record.locked
    assert ring.unlock(record).content == recorded(flow).content


def test_an_entry_says_what_its_record_says() -> None:
    """Whatever a store looks for, it finds as it is in the stored record."""
    for fields in ({"caller": Caller("ann", "::1"), "replay": "again/r-0"}, {}):
        flow = finished(FULL, **fields)
        flow.fault = Fault("busy")
        made = Composer(None)(flow)
        record = decode(made.stored)
        for name in Entry.__slots__:
            assert getattr(made, name) == getattr(record, name)
