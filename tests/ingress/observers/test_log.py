"""The log line of a request."""

import io
import json

import msgspec

from contracts import logs
from contracts.call import Call, Caller
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.observers.log import RequestLog
from tests.ingress.door import plan


async def line_of(flow: Flow, *, form: logs.Format = "json") -> str:
    """Give what is written for a flow."""
    stream = io.StringIO()
    logs.configure(format=form, stream=stream)
    log = RequestLog(form)
    log(flow)
    log.flush()
    return stream.getvalue()


def flow(fault: Fault | None = None) -> Flow:
    """Make a finished flow of two attempts."""
    call = Call(
        id="req-1", operation="a.b", path="/x", query="token=s3cret", caller=Caller(address="::1")
    )
    done = Flow(call, plan("POST /x"), received=1.0)
    done.finished, done.waited, done.worker, done.paused = 1.010, 0.008, 0.005, 0.001
    done.status, done.fault, done.attempts = (fault.status if fault else 201), fault, 2
    return done


async def test_json_has_a_field_for_each_thing_one_asks_for() -> None:
    """Route, status, code, durations and attempts are fields of their own."""
    line = json.loads(await line_of(flow(Fault("no_route"))))
    assert line["level"] == "WARNING"
    assert (line["request_id"], line["route"], line["status"]) == ("req-1", "POST /x", 503)
    assert (line["code"], line["attempts"], line["client"]) == ("no_route", 2, "::1")
    assert (line["duration_ms"], line["queue_ms"], line["worker_ms"]) == (10.0, 3.0, 5.0)
    assert (line["method"], line["path"], line["paused_ms"]) == ("POST", "/x", 1.0)


async def test_text_is_one_sentence_that_can_be_searched() -> None:
    """The text line reads as a sentence and carries the request id."""
    line = await line_of(flow(), form="text")
    assert "POST /x 201 in 10.0 ms (gateway 1.0, queue 3.0, worker 5.0, pauses 1.0, " in line
    assert "2 attempts)" in line
    assert "request_id=req-1" in line
    assert line.count("\n") == 1


async def test_the_query_is_not_logged() -> None:
    """A query may hold secrets."""
    assert "s3cret" not in await line_of(flow()) + await line_of(flow(), form="text")


async def test_braces_in_a_path_are_no_format() -> None:
    """A path with braces is written as it is."""
    odd = flow()
    odd.call = Call(id="1", operation="a.b", path="/{0}/{x}")
    assert "/{0}/{x}" in await line_of(odd, form="text")


async def test_time_of_which_no_worker_told_is_not_called_queue_time() -> None:
    """A worker that never answered may have had the call all the time."""
    silent = flow(Fault("deadline"))
    silent.worker = 0.0
    assert "queue and worker 8.0, pauses" in await line_of(silent, form="text")
    line = json.loads(await line_of(silent))
    assert line["waited_ms"] == 8.0
    assert not {"queue_ms", "worker_ms"} & line.keys()


async def test_the_detail_of_a_fault_of_ours_is_told_and_a_callers_is_not() -> None:
    """It says what to look at; a caller's may quote what the caller sent."""
    ours = flow(Fault("no_route", "no queue takes it: queue orders"))
    assert 'detail="no queue takes it: queue orders"' in await line_of(ours, form="text")
    assert json.loads(await line_of(ours))["detail"] == "no queue takes it: queue orders"
    assert "s3cret" not in await line_of(flow(Fault("not_found", "no s3cret")), form="text")


async def test_an_accepted_call_waited_for_the_broker_alone() -> None:
    """No worker is named where none was waited for."""
    done = flow()
    done.plan = msgspec.structs.replace(plan("POST /x"), accept=True)
    done.worker = 0.0
    assert "broker 8.0" in await line_of(done, form="text")


async def test_half_a_character_in_a_detail_ends_no_line() -> None:
    """JSON cannot carry it, so it is written as an escape."""
    line = json.loads(await line_of(flow(Fault("no_route", "half \ud800"))))
    assert "ud800" in line["detail"]
    assert line["status"] == 503
