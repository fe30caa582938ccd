"""The HTTP cache tests of http-tests/cache-tests, through gateway, RabbitMQ and worker.

    python -m tests.cachesuite [--id ID ...] [--kind KIND] [--json] [--plain]
                               [--at-once N] [--port PORT]

Prints how many of each kind passed and every one that did not. ``definitions.json`` is the suite's
own data (BSD 3-clause, see ``LICENSE``); client and server are written anew in Python, since the
server must be a worker. Takes half a minute. Exits with 1 when fewer pass than
``docs/caching.md`` says.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from tests.cachesuite.serving import serving
from tests.cachesuite.tally import KINDS, Result, counted, definitions, run_all
from tests.harness.rabbitmq import PrivateRabbitMQ

HERE: Final = Path(__file__).parent
# What passes is not to become less.
AT_LEAST: Final = {"required": 149, "optimal": 87}


def main(words: list[str] | None = None) -> int:
    """Run and print; gives the exit code."""
    options = _options(words)
    tests = [
        test
        for test in definitions()
        if (not options.id or test["id"] in options.id)
        and (not options.kind or test["kind"] == options.kind)
    ]
    if not tests:
        print("no such test", file=sys.stderr)
        return 2
    if options.port:
        results = asyncio.run(run_all(tests, options.port, at_once=options.at_once))
    else:
        with tempfile.TemporaryDirectory() as folder, PrivateRabbitMQ() as broker:
            stage = _on_stage(tests, Path(folder), broker.url(), options)
            results = asyncio.run(stage)
    print(msgspec.json.encode(results).decode() if options.json else report(results))
    if options.id or options.kind or options.plain:
        return 0 if all(one.outcome == "passed" for one in results) else 1
    return 0 if all(counted(results, k, cdn=False)[0] >= n for k, n in AT_LEAST.items()) else 1


async def _on_stage(
    tests: list[dict[str, object]], folder: Path, url: str, options: argparse.Namespace
) -> list[Result]:
    async with serving(folder, url, plain=options.plain) as port:
        return await run_all(tests, port, at_once=options.at_once)


def report(results: list[Result]) -> str:
    """Write the sums, and what did not pass."""
    lines = []
    for cdn, what in ((False, "shared cache"), (True, "CDN (RFC 9213)")):
        for kind in KINDS:
            passed, all_of_it = counted(results, kind, cdn=cdn)
            if all_of_it:
                lines.append(f"{what:15} {kind:9} {passed:4} of {all_of_it}")
    for kind in KINDS:
        for one in results:
            if one.kind == kind and one.outcome != "passed":
                after = f" [after {one.blocked}]" if one.blocked else ""
                lines.append(f"  {one.outcome:6} {kind:9} {one.id}{after}: {one.message}")
    return "\n".join(lines)


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.cachesuite", description=__doc__)
    parser.add_argument("--id", action="append", default=[], help="run this test alone; repeatable")
    parser.add_argument("--kind", choices=KINDS, help="run tests of this kind alone")
    parser.add_argument("--plain", action="store_true", help="with `cache: {}`, all at its default")
    parser.add_argument("--json", action="store_true", help="print every result, as JSON")
    parser.add_argument("--at-once", type=int, default=60, help="tests at a time (60)")
    parser.add_argument("--port", type=int, default=0, help="of a gateway that runs already")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
