"""The part of the suite that needs no waiting, and a thousand clients, on a real RabbitMQ.

All of the suite: ``python -m tests.cachesuite``.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path

from tests.cachesuite.__main__ import main, report
from tests.cachesuite.client import Exchange
from tests.cachesuite.serving import serving
from tests.cachesuite.tally import Result, counted, definitions, run_all

# What does not pass, and why; docs/caching.md says it in more words.
EXPLAINED = {
    # A worker has no way to send an interim answer through a queue.
    *("interim-not-cached", "interim-102", "interim-103", "interim-no-header-reuse"),
    # Parts are not stored: the whole is fetched, and parts are served from that.
    *("partial-store-partial-reuse-partial", "partial-store-partial-reuse-partial-byterange"),
    *("partial-store-partial-reuse-partial-absent", "partial-store-partial-reuse-partial-suffix"),
    "partial-store-partial-complete",
    # The language is the worker's to choose, not the cache's.
    "vary-normalise-lang-select",
}


async def test_what_can_be_seen_at_once(tmp_path: Path, vhost_url: str) -> None:
    """Nothing fails that is not explained."""
    tests = [
        test
        for test in definitions()
        if test["kind"] != "check" and not any(one.get("pause_after") for one in test["requests"])
    ]
    async with serving(tmp_path, vhost_url) as port:
        results = await run_all(tests, port, at_once=40)
        assert len(results) > 70
        failed = {one.id: one.message for one in results if one.outcome != "passed"}
        assert failed.keys() == EXPLAINED & {one.id for one in results}, failed
        await _thousand(port)


async def _thousand(port: int) -> None:
    """A thousand clients at one time ask for what nobody has: the worker is asked once."""
    config = [{"response_headers": [["Cache-Control", "max-age=60"]]}]
    exchange = Exchange(port, "here")
    await exchange.ask("PUT", "/config/thousand", [], json.dumps(config).encode())
    clients = [Exchange(port, "here") for _ in range(1000)]
    # Connected before any of them asks, so that they do ask at one time.
    for at in range(0, 1000, 100):
        await asyncio.gather(
            *(one.ask("GET", "/state/thousand", []) for one in clients[at : at + 100])
        )
    answers = await asyncio.gather(
        *(one.ask("GET", "/test/thousand", [("req-num", "1")]) for one in clients)
    )
    state = await exchange.ask("GET", "/state/thousand", [])
    for one in (*clients, exchange):
        one.close()
    assert Counter(answer.body for answer in answers) == {"thousand": 1000}
    assert len(json.loads(state.body)) == 1


def test_the_sums_are_right() -> None:
    """Kinds are counted by themselves, those for CDNs apart, and what failed is named."""
    results = [
        Result("a", "A", "required", cdn=False, outcome="passed"),
        Result("b", "B", "required", cdn=False, outcome="failed", message="why", blocked="a"),
        Result("c", "C", "required", cdn=True, outcome="passed"),
    ]
    assert counted(results, "required", cdn=False) == (1, 2)
    assert report(results).splitlines() == [
        "shared cache    required     1 of 2",
        "CDN (RFC 9213)  required     1 of 1",
        "  failed required  b [after a]: why",
    ]


def test_the_suite_is_whole() -> None:
    """150 required and 98 optimal tests, as published results count them."""
    tests = definitions()
    counts = Counter((test["kind"], test["cdn_only"]) for test in tests)
    assert (counts["required", False], counts["optimal", False]) == (150, 98)
    assert main(["--id", "no-such-test"]) == 2
