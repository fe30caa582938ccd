"""What looking into bodies costs: ``python -m bench.shape [--rounds N]``.

One policy after another on the same small order (and on 100 KB where it says so), in CPU time, the
best of many rounds, without HTTP or a broker. What a wrong body costs is told for each error.
"""

import argparse
import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from contracts import codec
from contracts.call import Call, Reply
from ingress import routefile
from ingress.coding.codings import CODINGS, encode
from ingress.compile import compile_plans
from ingress.flow import Flow
from ingress.plan import Plan
from ingress.policies.port import Policy
from ingress.validation.checker import Checker

ORDER: Final = {"sku": "tea-oolong", "quantity": 2, "tags": ["hot", "green"], "note": "no sugar"}
_SCHEMA: Final = """{type: object, required: [sku, quantity], additionalProperties: false,
      properties: {sku: {type: string, pattern: '^[a-z-]{1,32}$'}, quantity: {type: integer,
      minimum: 1}, tags: {type: array, items: {type: string}}, note: {type: string}}}"""
_SECTIONS: Final = {
    "body": "body: {media: [application/json]}",
    "json_limits": "json_limits: {}",
    "validate, body": f"validate: {{body: {_SCHEMA}}}",
    "validate, 3 parameters": (
        "validate: {path: {id: {schema: {type: integer}}},"
        " query: {limit: {schema: {type: integer}}, q: {schema: {type: string}}}}"
    ),
    "transform, body": "transform: {request: {body: '{item: body.sku, n: body.quantity}'}}",
    "transform, headers": "transform: {request: {headers: {set: {x-a: b}, remove: [x-c]}}}",
    "negotiate, from msgpack": "negotiate: {}",
    "forms": "forms: {}",
    "decompress, gzip": "decompress: {codings: [gzip]}",
}
_HEADERS: Final = {
    "negotiate, from msgpack": (("content-type", "application/msgpack"),),
    "forms": (("content-type", "application/x-www-form-urlencoded"),),
    "decompress, gzip": (("content-type", "application/json"), ("content-encoding", "gzip")),
}
_BODIES: Final = {
    "negotiate, from msgpack": codec.pack(ORDER),
    "forms": b"sku=tea-oolong&quantity=2&tags=hot&tags=green&note=no+sugar",
    "decompress, gzip": encode("gzip", msgspec.json.encode(ORDER)),
}


def main(argv: list[str] | None = None) -> int:
    """Measure and print; the exit code is 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.shape", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    rounds = parser.parse_args(argv).rounds
    body = msgspec.json.encode(ORDER)
    print(f"{'a request of ' + str(len(body)) + ' bytes':<28} {'µs of CPU':>10}")
    empty = _best(lambda: _flow(None, "", body), rounds)
    for name, section in _SECTIONS.items():
        plan = _plan(section)
        spent = _best(lambda: _admit(plan, name, body), rounds) - empty  # noqa: B023 - at once
        print(f"{name:<28} {spent:>10.1f}")
    large = msgspec.json.encode([{**ORDER, "quantity": number} for number in range(1150)])
    print(f"\n{'a reply of ' + str(len(large)) + ' bytes':<28} {'µs of CPU':>10} {'bytes':>8}")
    for coding in CODINGS:
        spent = _best(lambda: encode(coding, large), max(3, rounds // 10), 3)  # noqa: B023
        print(f"{'compress, ' + coding:<28} {spent:>10.0f} {len(encode(coding, large)):>8}")
    print(f"\n{'a wrong body':<28} {'µs of CPU':>10}")
    wrong = Checker({"items": {"type": "integer"}}, most=10_000)
    for count in (1, 1000):
        value = ["x"] * count
        spent = _best(lambda: wrong.violations(value), max(3, rounds // 10), 10)  # noqa: B023
        print(f"{f'of {count} errors, each':<28} {spent / count:>10.1f}")
    return 0


def _plan(section: str) -> Plan:
    text = f"routes:\n  - route: POST /a/{{id}}\n    operation: s.o\n    {section}\n"
    return compile_plans(routefile.parse(text.encode(), environment={}))[0]


def _flow(plan: Plan | None, name: str, body: bytes) -> Flow:
    call = Call(
        id="r",
        operation="s.o",
        query="limit=20&q=tea",
        params={"id": "7"},
        headers=_HEADERS.get(name, (("content-type", "application/json"), ("x-c", "1"))),
        body=_BODIES.get(name, body),
    )
    flow = Flow(call, plan, 0.0)
    flow.reply = Reply()
    return flow


def _admit(plan: Plan, name: str, body: bytes) -> None:
    flow = _flow(plan, name, body)
    policy: Policy
    for policy in plan.policies:
        answer = policy.admit(flow)
        if inspect.isawaitable(answer):
            asyncio.run(_wait(answer))


async def _wait(answer: Any) -> None:  # noqa: ANN401 - what a policy waits for
    await answer


def _best(run: Callable[[], Any], rounds: int, times: int = 200) -> float:
    """Give the µs of CPU of one run, in the best of the rounds."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for _ in range(times):
            run()
        best = min(best, (time.process_time() - began) / times)
    return best * 1e6


if __name__ == "__main__":
    raise SystemExit(main())
