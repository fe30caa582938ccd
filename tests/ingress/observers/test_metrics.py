"""Prometheus metrics of finished Flows."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from contracts.brokers.port import State
from contracts.call import Call
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.observers.metrics import Metrics
from tests.harness.waiting import eventually
from tests.ingress.door import plan


def finished(status: int = 200, fault: Fault | None = None, attempts: int = 1) -> Flow:
    """Make a Flow that took 10 ms, 8 of them sent away, 5 of these at work."""
    flow = Flow(Call(id="1", operation="a.b"), plan("GET /x"), received=1.0)
    flow.finished, flow.waited, flow.worker = 1.010, 0.008, 0.005
    flow.status, flow.fault, flow.attempts = status, fault, attempts
    return flow


def lines(metrics: Metrics) -> set[str]:
    """Give the samples of the exposition text."""
    return set(metrics.render().decode().splitlines())


def test_a_request_is_counted_by_route_status_and_code() -> None:
    """One answered request is one in the counter of its route."""
    metrics = Metrics()
    metrics(finished())
    assert 'queuegate_requests_total{code="",route="GET /x",status="200"} 1.0' in lines(metrics)


def test_time_is_split_into_gateway_queue_and_worker() -> None:
    """The parts add up to the whole."""
    metrics = Metrics()
    metrics(finished())
    sums = {
        line.split("{", 1)[0]: float(line.rsplit(" ", 1)[1])
        for line in lines(metrics)
        if "_seconds_sum" in line
    }
    assert round(sums["queuegate_request_duration_seconds_sum"], 6) == 0.010
    assert round(sums["queuegate_gateway_duration_seconds_sum"], 6) == 0.002
    assert round(sums["queuegate_queue_duration_seconds_sum"], 6) == 0.003
    assert round(sums["queuegate_worker_duration_seconds_sum"], 6) == 0.005


def test_a_request_that_was_not_sent_has_no_queue_time() -> None:
    """A refusal does not pull the queue's and worker's times towards zero."""
    metrics = Metrics()
    metrics(finished(404, Fault("not_found"), attempts=0))
    assert 'queuegate_queue_duration_seconds_count{route="GET /x"} 0.0' in lines(metrics)
    assert 'queuegate_request_duration_seconds_count{route="GET /x"} 1.0' in lines(metrics)


def test_a_fault_is_counted_with_whose_fault_it_was() -> None:
    """The code and the blame label the fault."""
    metrics = Metrics()
    metrics(finished(503, Fault("no_route")))
    want = 'queuegate_faults_total{blame="broker",code="no_route",route="GET /x"} 1.0'
    assert want in lines(metrics)


async def test_a_scrape_does_not_stop_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop has its turns while the text is written, which takes long with many routes."""
    metrics = Metrics()
    written, begun, go_on = metrics.render(), threading.Event(), threading.Event()

    def generate(_: object) -> bytes:
        begun.set()
        # On the loop itself nobody would ever say so.
        assert go_on.wait(5)
        return written

    monkeypatch.setattr("ingress.observers.metrics.generate_latest", generate)
    scrape = asyncio.create_task(metrics.scrape())
    await eventually(begun.is_set)
    go_on.set()
    assert await scrape == written


def test_retries_are_the_attempts_after_the_first() -> None:
    """Three attempts are two retries."""
    metrics = Metrics()
    metrics(finished(attempts=3))
    assert 'queuegate_retries_total{route="GET /x"} 2.0' in lines(metrics)


def test_states_are_numbers() -> None:
    """Broker and breaker states are gauges that an alert can compare."""
    metrics = Metrics()
    metrics.broker(State.BLOCKED)
    metrics.breaker("GET /x", "open")
    metrics.dropped("late")
    metrics.reloaded(ok=False)
    assert {
        "queuegate_broker_state 1.0",
        'queuegate_breaker_state{route="GET /x"} 2.0',
        'queuegate_replies_dropped_total{reason="late"} 1.0',
        'queuegate_reloads_total{result="refused"} 1.0',
    } <= lines(metrics)


def test_the_loops_lag_is_a_histogram() -> None:
    """No hold-up is lost between two scrapes: each beat falls into its bucket."""
    metrics = Metrics()
    metrics.loop_lag(0.0004)
    metrics.loop_lag(0.3)
    assert {
        'queuegate_loop_lag_seconds_bucket{le="0.001"} 1.0',
        'queuegate_loop_lag_seconds_bucket{le="0.25"} 1.0',
        'queuegate_loop_lag_seconds_bucket{le="0.5"} 2.0',
    } <= lines(metrics)


def test_workers_cannot_make_labels_without_end() -> None:
    """After so many codes of their own, the rest are counted together."""
    metrics = Metrics()
    for number in range(300):
        metrics(finished(409, Fault(f"own_{number}", status=409)))
    codes = {line for line in lines(metrics) if line.startswith("queuegate_requests_total")}
    assert len(codes) < 210
    assert any('code="other"' in line and line.endswith(" 100.0") for line in codes)


def test_processes_are_added_up(tmp_path: Path) -> None:
    """With a folder for several processes, whichever is asked gives the sum."""
    script = (
        "from tests.ingress.observers.test_metrics import finished\n"
        "from ingress.observers.metrics import Metrics\n"
        "m = Metrics(); m(finished()); print(m.render().decode())\n"
    )
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    outputs = [
        subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert 'queuegate_requests_total{code="",route="GET /x",status="200"} 2.0' in outputs[1]


def test_what_policies_hold_is_shown() -> None:
    """A gauge for each number, by route and policy."""
    seen = Metrics()
    seen.held("POST /x", "bulkhead", {"in_flight": 3, "waiting": 1})
    sample = 'queuegate_held{policy="bulkhead",route="POST /x",what="in_flight"} 3.0'
    assert sample in seen.render().decode()


def test_consumers_are_shown_by_queue() -> None:
    """As they were last seen."""
    seen = Metrics()
    seen.consumers("orders", 3)
    assert 'queuegate_queue_consumers{queue="orders"} 3.0' in seen.render().decode()
