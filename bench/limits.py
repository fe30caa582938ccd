"""Whether limits are exact: ``python -m bench.limits [--store local|redis|both]``.

Many connections hammer one route of a gateway of several processes, whose limit is so many calls in
so many seconds, for several windows. Then it is counted what passed: in one window after another
since the first call, and in any window whatever. Exit code 1 when it is not exactly the limit.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

import msgspec

from tests.harness.http import Connection, GoneError
from tests.harness.ports import free_port
from tests.harness.processes import ChildProcess, queuegate_command
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.redis import PrivateRedis

_BODY: Final = b"{}"
_OK: Final = 200
_PASSED, _LIMITED = "passed", "rate_limited"
# The part of a request id that is the process's own (``ingress.request_id``).
_PROCESS: Final = slice(12, 20)
_START_SECONDS: Final = 60.0
_CALLS_A_CONNECTION: Final = 50


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried: ``gateways`` of ``processes`` each, and ``calls`` in ``seconds`` seconds."""

    broker: str
    store: str
    gateways: int = 1
    processes: int = 8
    calls: int = 1000
    seconds: int = 60
    windows: int = 3
    connections: int = 64


class Account(msgspec.Struct, frozen=True):
    """What came of it.

    ``windows`` is how many passed in each, ``exceeded`` how often more passed than allowed in any
    window, ``answers`` all by code, ``processes`` how many of them answered.
    """

    windows: tuple[int, ...]
    exceeded: int
    answers: dict[str, int]
    processes: int

    def exact(self, trial: Trial) -> bool:
        """Say whether it was exactly the limit, in every window, and nothing else went wrong."""
        good = set(self.answers) <= {_PASSED, _LIMITED}
        return good and set(self.windows) == {trial.calls} and not self.exceeded


class _Seen(msgspec.Struct, gc=False):
    sent: float
    received: float
    code: str
    process: str


def measure(trial: Trial, folder: Path) -> Account:
    """Start gateways and a worker in ``folder``, hammer them, and count."""
    with ExitStack() as running:
        ports = [_gateway(running, trial, folder, number) for number in range(trial.gateways)]
        env = {"BROKER_URL": trial.broker}
        words = queuegate_command("worker", "bench.services.echo:service")
        worker = running.enter_context(ChildProcess(words, folder / "worker.log", env))
        worker.wait_for_output("with concurrency", _START_SECONDS)
        seen = asyncio.run(_hammer(trial, ports))
    return account(trial, seen)


def account(trial: Trial, seen: Sequence[_Seen]) -> Account:
    """Count what passed.

    The moment of a decision is not known from outside, but it is after the call was sent and before
    its answer came. The n-th decision is so too, by the n-th of the sent and of the received: when
    that many calls cannot have been decided in one window, they are well apart.
    """
    passed = [one for one in seen if one.code == _PASSED]
    sent = sorted(one.sent for one in passed)
    received = sorted(one.received for one in passed)
    began = sent[0] if sent else 0.0
    counts = Counter(int((one - began) // trial.seconds) for one in received)
    apart = zip(sent, received[trial.calls :], strict=False)
    return Account(
        windows=tuple(counts[number] for number in range(trial.windows)),
        exceeded=sum(last - first <= trial.seconds for first, last in apart),
        answers=dict(Counter(one.code for one in seen)),
        processes=len({one.process for one in seen}),
    )


def _gateway(running: ExitStack, trial: Trial, folder: Path, number: int) -> int:
    port, config = free_port(), folder / f"gateway-{number}.yaml"
    limit = {"by": "all", "rates": [f"{trial.calls}/{trial.seconds}s"]}
    route = {"route": "POST /echo", "operation": "bench.echo", "limits": ["everybody"]}
    # JSON is YAML.
    text = {"store": trial.store, "limits": {"everybody": limit}, "routes": [route]}
    config.write_text(json.dumps(text))
    words = queuegate_command("serve", "--config", str(config), "--port", str(port))
    words += ["--admin-port", str(free_port()), "--processes", str(trial.processes)]
    env = {"BROKER_URL": trial.broker, "LOG_LEVEL": "INFO"}
    gateway = running.enter_context(ChildProcess(words, folder / f"gateway-{number}.log", env))
    gateway.wait_for_port(port, _START_SECONDS)
    deadline = time.monotonic() + _START_SECONDS
    while gateway.output.count("serving on") < trial.processes:
        if time.monotonic() > deadline:
            raise TimeoutError(f"not all processes serve:\n{gateway.output[-2000:]}")
        time.sleep(0.05)
    return port


async def _hammer(trial: Trial, ports: Sequence[int]) -> list[_Seen]:
    """Call and call again on all connections until the last window is over."""
    seen: list[_Seen] = []
    until = time.monotonic() + trial.windows * trial.seconds
    async with asyncio.timeout(trial.windows * trial.seconds + _START_SECONDS):
        callers = (
            _caller(ports[number % len(ports)], until, seen) for number in range(trial.connections)
        )
        await asyncio.gather(*callers)
    return seen


async def _caller(port: int, until: float, seen: list[_Seen]) -> None:
    while time.monotonic() < until:
        # A process that is busy accepts nobody: so new connections reach them all.
        async with await Connection.open(port) as connection:
            for _ in range(_CALLS_A_CONNECTION):
                with suppress(GoneError):
                    sent = time.monotonic()
                    answer = await connection.ask("POST", "/echo", _BODY)
                    process = answer.headers.get("x-request-id", "")[_PROCESS]
                    code = _PASSED if answer.status == _OK else answer.code or str(answer.status)
                    seen.append(_Seen(sent, time.monotonic(), code, process))


def main() -> int:
    """Try and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    parser.add_argument("--store", choices=("local", "redis", "both"), default="both")
    for name, value in (("processes", 8), ("calls", 1000), ("seconds", 60), ("windows", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--connections", type=int, default=64)
    wish = parser.parse_args()
    exact = True
    with ExitStack() as running:
        broker = running.enter_context(PrivateRabbitMQ()).create_vhost("limits")
        for name in ("local", "redis") if wish.store == "both" else (wish.store,):
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            redis = running.enter_context(PrivateRedis()).own_url() if name == "redis" else ""
            # With Redis two gateways share the limit; without it there is only one machine.
            gateways = 2 if redis else 1
            trial = Trial(
                broker=broker,
                store=redis or "sqlite:state.sqlite",
                gateways=gateways,
                processes=wish.processes // gateways,
                calls=wish.calls,
                seconds=wish.seconds,
                windows=wish.windows,
                connections=wish.connections,
            )
            exact &= _print(name, trial, measure(trial, folder))
    return 0 if exact else 1


def _print(name: str, trial: Trial, found: Account) -> bool:
    calls = sum(found.answers.values())
    exact = found.exact(trial)
    print(
        f"{name}: {trial.calls} in {trial.seconds} s, {trial.connections} connections,"
        f" {trial.gateways} x {trial.processes} processes, {found.processes} answered\n"
        f"  {calls:,} calls, answers {found.answers}\n"
        f"  passed in each window: {', '.join(map(str, found.windows))};"
        f" windows with more than the limit: {found.exceeded}\n"
        f"  {'exact' if exact else 'NOT EXACT'}",
        flush=True,
    )
    return exact


if __name__ == "__main__":
    sys.exit(main())
