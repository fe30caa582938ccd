"""Which tests there are, what became of each, and the sums."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.cachesuite.client import FailedError, run

DEFINITIONS: Final = Path(__file__).parent / "definitions.json"
KINDS: Final = ("required", "optimal", "check")
# What the suite's site counts for caches that are no CDN.
CDN: Final = "cdn"


class Result(msgspec.Struct, frozen=True):
    """What became of a test: ``passed``, ``failed``, or ``setup`` when it could not be tried.

    ``blocked`` names a test that it depends on and that did not pass.
    """

    id: str
    name: str
    kind: str
    cdn: bool
    outcome: str
    message: str = ""
    blocked: str = ""


def definitions() -> list[dict[str, Any]]:
    """Give the tests for caches that are no browser's."""
    suites = json.loads(DEFINITIONS.read_bytes())
    return [
        {"cdn_only": False, "kind": "required", **test}
        for suite in suites
        for test in suite["tests"]
        if not test.get("browser_only")
    ]


async def run_all(tests: Iterable[dict[str, Any]], port: int, *, at_once: int) -> list[Result]:
    """Run tests, so many at a time; most of their time they wait."""
    limit = asyncio.Semaphore(at_once)

    async def one(test: dict[str, Any]) -> Result:
        async with limit:
            try:
                await run(test, port)
            except FailedError as error:
                return _result(test, "setup" if error.setup else "failed", str(error))
        return _result(test, "passed", "")

    tests = list(tests)
    results = await asyncio.gather(*map(one, tests))
    return list(_blocked(tests, results))


def counted(results: Iterable[Result], kind: str, *, cdn: bool) -> tuple[int, int]:
    """Count those of a kind that passed, and all of it."""
    wanted = [one for one in results if one.kind == kind and one.cdn == cdn]
    return sum(one.outcome == "passed" for one in wanted), len(wanted)


def _result(test: dict[str, Any], outcome: str, message: str) -> Result:
    return Result(test["id"], test["name"], test["kind"], test["cdn_only"], outcome, message)


def _blocked(tests: list[dict[str, Any]], results: list[Result]) -> Iterator[Result]:
    """Note which tests say nothing, since one that they stand on did not pass."""
    by_id = {one.id: one for one in results}
    for test, result in zip(tests, results, strict=True):
        names = [name for name in test.get("depends_on", []) if name in by_id]
        bad = next((name for name in names if by_id[name].outcome != "passed"), "")
        yield msgspec.structs.replace(result, blocked=bad)
