"""Calls without HTTP: RPC client and worker SDK, against the broker port in a tight loop."""

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from bench import proc
from bench.gateway import worker
from bench.places import ROOT
from bench.record import Parts, Row
from bench.suite import Context, Probe, Suite
from bench.system import Maker, Program, Stage, StartError
from tests.harness.processes import ChildProcess

IN_FLIGHT: Final = 64


class Told(msgspec.Struct, frozen=True):
    """What ``bench.programs.rpc_load`` prints at its end; CPU in seconds, the rest as in Row."""

    calls: int
    seconds: float
    p50: float
    p99: float
    cpu: list[float]


def suite(_connections: tuple[int, ...]) -> Suite:
    return Suite(
        name="rpc",
        what=f"calls without HTTP, {IN_FLIGHT} in flight: client to broker to worker and back",
        baseline="rpc",
        probes=(
            Probe(
                "rpc",
                "RPC client and worker SDK",
                partial(_measure, "rpc", worker("bench.services.echo:service")),
                seconds=4,
            ),
            Probe(
                "floor",
                "the broker port alone, in a tight loop",
                partial(_measure, "floor", _floor_worker),
                seconds=4,
            ),
        ),
    )


def _floor_worker(stage: Stage) -> Program:
    return Program((sys.executable, "-m", "bench.programs.floor_worker", stage.url), ROOT)


def _measure(name: str, serve: Maker, context: Context) -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=context.folder))
    stage = Stage(context.url, 0, 0, folder)
    logs = folder / "worker.log", folder / "client.log"
    program = serve(stage)
    load = (sys.executable, "-m", "bench.programs.rpc_load", name, context.url)
    with ChildProcess(program.words, logs[0], program.env, program.cwd) as server:
        watched = [str(pid) for pid in (server.pid, context.broker) if pid]
        words = (*load, str(context.seconds), str(IN_FLIGHT), *watched)
        with ChildProcess(words, logs[1], cwd=ROOT) as client:
            if client.wait(context.seconds + 60):
                message = f"{name}: the client failed:\n{client.output[-1500:]}"
                raise StartError(message)
            told = msgspec.json.decode(client.output.splitlines()[-1], type=Told)
            # The client measures its own memory no more than its CPU: it is gone.
            memory = [float(proc.peak_memory(int(pid))) for pid in watched]
    each = [used * 1e6 / max(told.calls, 1) for used in told.cpu]
    return [
        Row(
            system=name,
            connections=IN_FLIGHT,
            round=context.round,
            requests=told.calls,
            seconds=told.seconds,
            rps=told.calls / told.seconds,
            p50=told.p50,
            p99=told.p99,
            cpu=Parts(*each),
            memory=Parts(None, *memory),
            problems=() if told.calls else ("not one answer",),
        )
    ]
