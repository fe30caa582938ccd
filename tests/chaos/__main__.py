"""Minutes of random faults under load, and an account of them.

    python -m tests.chaos [--minutes 5] [--seed N] [--clients 12] [--json] [--out build/chaos]

Two gateways and three workers on a RabbitMQ of its own. Clients send calls that may run again,
calls that may not, calls that take too long, jobs that are only accepted (202), and some hang up.
Troubles come one after another: the broker is killed, frozen, out of memory; networks are cut,
parted, slow, or swallow all; workers die, freeze, are replaced; a gateway is replaced; the queue is
deleted. The workers write down each run, so nobody has to believe the gateway's own counting.

Printed is the ledger, and a picture of the run is drawn. Exits with 1 when a promise was broken.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from tests.chaos.run import Chaos, Story
from tests.chaos.timeline import picture
from tests.faults.ledger import GRACE
from tests.faults.load import Request
from tests.harness.rabbitmq import PrivateRabbitMQ

LATE: Final = f"over {GRACE * 1000:.0f} must be 0"
_MEBI: Final = 1024 * 1024


def main(words: list[str] | None = None) -> int:
    """Run, print, draw; gives the exit code."""
    options = _options(words)
    chaos = Chaos(options.minutes * 60, options.seed, clients=options.clients)
    say(f"chaos for {options.minutes:g} minutes, --seed {options.seed}")
    say("starting RabbitMQ, 2 gateways and 3 workers")
    with tempfile.TemporaryDirectory(prefix="queuegate-chaos-") as folder:
        try:
            with PrivateRabbitMQ() as broker:
                story = asyncio.run(_watched(chaos, Path(folder), broker))
        finally:
            log = Path(folder) / "log"
            options.out.mkdir(parents=True, exist_ok=True)
            if log.exists():
                (options.out / "processes.log").write_bytes(log.read_bytes())
    broken = story.broken()
    drawing = picture(story.requests, story.bands, story.began, f"chaos, seed {story.seed}")
    (options.out / "timeline.svg").write_text(drawing)
    document = as_json(story)
    (options.out / "ledger.json").write_bytes(document)
    print(document.decode() if options.json else table(story))
    say(f"the picture, the ledger and the processes' log are in {options.out}")
    for promise in broken:
        say(f"BROKEN: {promise}")
    return 1 if broken else 0


def table(story: Story) -> str:
    """Give the ledger as lines to read."""
    ledger = story.ledger
    seconds = story.ended - story.began
    rows: list[tuple[str, object, str]] = [
        ("sent", ledger.sent, f"in {seconds:.0f} s, {ledger.sent / seconds:.0f} a second"),
        ("answered", ledger.answered, ", ".join(f"{c} {n}" for c, n in ledger.codes.items())),
        ("hung up", ledger.left, "clients that left before their answer"),
        ("succeeded", ledger.succeeded, "2xx"),
        ("accepted", ledger.accepted, "202: to be done, though nobody waits for it"),
        ("kept", ledger.kept, "accepted ones that are dead letters, instead of done"),
        ("refused", ledger.refused, "5xx"),
        ("executed", ledger.executed, "runs, as the workers wrote them down"),
        ("repeated", ledger.repeated, "runs of idempotent operations beyond the first: allowed"),
        ("duplicated", ledger.duplicated, "of those that may run once: must be 0"),
        ("lost", ledger.lost, "succeeded or accepted, and never run: must be 0"),
        ("unanswered", ledger.unanswered, "must be 0"),
        ("late", ledger.late, f"worst {ledger.worst_overrun_ms:.0f} ms after the deadline: {LATE}"),
        ("starved", ledger.starved, "late by as much as their gateway waited for a CPU"),
        ("unrecovered", ledger.unrecovered, "failed 2 s after a trouble was over: must be 0"),
        ("pending", ledger.pending, "at the end: must be 0"),
        ("restarted", ledger.restarted, "processes that ended by themselves: must be 0"),
        ("troubles", len(story.bands), f"of {len({band.name for band in story.bands})} kinds"),
    ]
    machine = story.machine
    rows += [
        (
            "no CPU",
            f"{machine.starved:g} %",
            f"of the time, {machine.worst:g} s in the worst second",
        ),
        ("stolen", f"{machine.stolen:g}", "s of CPU time that the host took"),
        ("held up", machine.held_up, "times gateway 1's event loop was over 100 ms late"),
    ]
    for name, (early, late) in story.memory.items():
        change = f"MiB, after the warm-up {early / _MEBI:.1f}: {100 * (late / early - 1):+.1f} %"
        rows.append((f"RSS {name}", f"{late / _MEBI:.1f}", change))
    return "\n".join(f"{name:<14}{number!s:>8}  {what}".rstrip() for name, number, what in rows)


def as_json(story: Story) -> bytes:
    """Give the ledger as a document for programs."""
    document = {
        "seed": story.seed,
        "seconds": round(story.ended - story.began, 1),
        "ledger": story.ledger,
        "memory": story.memory,
        "machine": story.machine,
        "troubles": story.bands,
        "broken": story.broken(),
        "late": [_late(request, story) for request in story.requests if request.overrun > GRACE],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _late(request: Request, story: Story) -> dict[str, object]:
    """Say what is known of an answer that came too late."""
    due = request.sent + request.kind.timeout - story.began
    return {
        "request": repr(request),
        "second": round(request.sent - story.began, 2),
        "overrun_ms": round(request.overrun * 1000),
        "starved_ms": round(request.starved * 1000),
        "port": request.port,
        "troubles": [b.name for b in story.bands if b.begin - 1 < due < b.end + 1],
    }


def say(text: str) -> None:
    """Tell the person who waits; what programs read goes elsewhere."""
    print(text, file=sys.stderr, flush=True)


async def _watched(chaos: Chaos, folder: Path, broker: PrivateRabbitMQ) -> Story:
    watching = asyncio.create_task(_watch(chaos))
    try:
        return await chaos.run(folder, broker)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _watch(chaos: Chaos) -> None:
    """Show how far it is: one line that changes on a terminal, one for each trouble elsewhere."""
    live = sys.stderr.isatty()
    told = 0
    while True:
        gone = time.monotonic() - chaos.began
        answered = sum(request.status > 0 for request in chaos.requests)
        line = (
            f"{_clock(gone)} of {_clock(chaos.seconds)}  sent {len(chaos.requests)}  "
            f"answered {answered}"
        )
        if live:
            now = "calm" if chaos.calm else chaos.begun[-1]
            print(f"\r\x1b[K{line}  {now}", end="", file=sys.stderr, flush=True)
        elif len(chaos.begun) > told:
            say(f"{line}  {', '.join(chaos.begun[told:])}")
        told = len(chaos.begun)
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            if live:
                print(file=sys.stderr)
            raise


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _options(words: list[str] | None) -> argparse.Namespace:
    text = __doc__ or ""
    parser = argparse.ArgumentParser(prog="make chaos", description=text.splitlines()[0])
    minutes = float(os.environ.get("MINUTES") or 5)
    parser.add_argument("--minutes", type=float, default=minutes, help="how long (5, or $MINUTES)")
    seed = random.randrange(1_000_000)
    parser.add_argument("--seed", type=int, default=seed, help="the same troubles again")
    parser.add_argument("--clients", type=int, default=12, help="how many (12)")
    parser.add_argument("--json", action="store_true", help="print the ledger for programs")
    parser.add_argument(
        "--out", type=Path, default=Path("build/chaos"), help="where files go (build/chaos)"
    )
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
