"""What it costs the edge to know a caller by key, and to count: ``python -m bench.keys``.

In CPU time of the policies that a route file asks for, one call after another in one process: a
key of a known consumer, and with it a limit and the quota of a usage plan, counted on this machine.
Exit code 1 when a key is over 5 µs, or all together over 12 µs.

``--parts`` tells what the cost is made of, as far as it can be had apart. ``--calls`` measures
whole calls of a gateway under load, against one with none of it: exit code 1 when all together cost
the edge more than 12 µs there.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bench import key_calls, key_parts
from contracts.call import Call, Caller
from contracts.stores import open_store
from ingress import routefile
from ingress.auth.reception import Reception
from ingress.compile import compile_plans
from ingress.consumers import token
from ingress.flow import Flow
from ingress.limits.opening import open_meter
from ingress.policies.port import Policy

GOALS_MICROSECONDS: Final = {"a key": 5.0, "a key, a limit and a quota": 12.0}

_ROUNDS: Final = 7
_KEY: Final = token.make()
# What a browser sends along.
_FIELDS: Final = tuple((f"x-field-{number}", "some value") for number in range(8))

_FILE: Final = """
store: sqlite:state.sqlite
auth: {partners: {key: {header: x-api-key}}}
limits: {each: {by: consumer, rates: [900000000/m]}}
usage_plans: {gold: {quotas: [900000000/month]}}
consumers: {anna: {keys: ["${KEY}"], groups: [shops], PLAN}}
routes: [{route: GET /, operation: a.b, auth: partners, LIMITS}]
"""


def main(argv: list[str] | None = None) -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.keys", description=__doc__)
    parser.add_argument("--times", type=int, default=20_000)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--parts", action="store_true", help="what the cost is made of")
    how.add_argument("--calls", action="store_true", help="whole calls, of a gateway under load")
    parser.add_argument("--seconds", type=float, default=5.0, help="of load, with --calls")
    parser.add_argument("--rounds", type=int, default=3, help="of measuring, with --calls")
    options = parser.parse_args(argv)
    if options.calls:
        return key_calls.measure(options.seconds, options.rounds)
    if options.parts:
        asyncio.run(_show_parts(options.times))
        return 0
    alone = _FILE.replace("PLAN", "roles: []").replace("LIMITS", "log: true")
    together = _FILE.replace("PLAN", "plan: gold").replace("LIMITS", "limits: [each]")
    well = True
    for (name, goal), text in zip(GOALS_MICROSECONDS.items(), (alone, together), strict=True):
        cost = asyncio.run(_measure(text, options.times))
        well = well and cost <= goal
        print(f"{name:<28} {cost:>6.1f} µs of CPU a call, at most {goal:.0f}")
    print("as it should be" if well else "too much")
    return 0 if well else 1


async def _measure(text: str, times: int) -> float:
    """Give the µs of CPU that a call costs more than one without policies; the best of some."""
    async with _made(text) as (policies, call):
        return _best(policies, call, times)


async def _show_parts(times: int) -> None:
    together = _FILE.replace("PLAN", "plan: gold").replace("LIMITS", "limits: [each]")
    async with _made(together) as (policies, call):
        for name, cost in key_parts.parts(policies, call, _KEY, times):
            print(f"{name:<58} {cost:>5.2f} µs")


@asynccontextmanager
async def _made(text: str) -> AsyncIterator[tuple[Sequence[Policy], Call]]:
    """Give the policies of a route file, and a call that passes them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        route_file = routefile.parse(text.encode(), environment={"KEY": _KEY})
        store = open_store(route_file.store, folder)
        meter = open_meter(store, route_file.store, folder)
        reception = Reception(lambda *_: None)
        shared = {"meter": meter, "store": store, **reception.adopt(route_file, folder, store)}
        policies = compile_plans(route_file, (), shared)[0].policies
        call = Call(
            id="1",
            operation="a.b",
            headers=(*_FIELDS, ("x-api-key", _KEY)),
            caller=Caller(address="192.0.2.1"),
            route="GET /",
        )
        try:
            yield policies, call
        finally:
            await reception.stop()
            await meter.close()
            await store.close()


def _best(policies: Sequence[Policy], call: Call, times: int) -> float:
    settlers: list[Any] = [one for one in policies if hasattr(one, "settle")]

    def with_them() -> None:
        flow = Flow(call, None, 0.0)
        for policy in policies:
            if policy.admit(flow) is not None:
                raise SystemExit(f"{policy!r} does not decide at once")
        for settler in settlers:
            settler.settle(flow)

    def without() -> None:
        Flow(call, None, 0.0)

    with_them()
    return min(_time(with_them, times) - _time(without, times) for _ in range(_ROUNDS))


def _time(do: Callable[[], None], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times * 1e6


if __name__ == "__main__":
    raise SystemExit(main())
