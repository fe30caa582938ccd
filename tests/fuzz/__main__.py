"""Minutes of garbage for a gateway: config, headers, tokens, bodies, raw bytes.

    python -m tests.fuzz [--minutes 10] [--seed N] [--json]

A gateway with a worker in its process, on the embedded broker, with authentication, limits of JSON,
a cache and a journal. Exits with 1 when it answers with a 5xx, grows, hangs, ends badly or writes a
traceback, or when a route file raises anything but its own error. What did it is printed, and the
seed repeats it.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.fuzz.run import Account, Fuzz


def main(words: list[str] | None = None) -> int:
    """Run and print; gives the exit code."""
    minutes = float(os.environ.get("MINUTES") or 10)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=minutes, help="how long (10, or $MINUTES)")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(words)
    print(f"fuzz for {options.minutes:g} minutes, --seed {options.seed}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="queuegate-fuzz-") as folder:
        account = asyncio.run(Fuzz(Path(folder), options.minutes * 60, options.seed).run())
    print(msgspec.json.encode(account).decode() if options.json else table(account))
    return 1 if account.found else 0


def table(account: Account) -> str:
    """Write the account for people."""
    memory = [size / 1024**2 for size in account.memory] or [0.0]
    lines = [
        f"requests       {account.requests}",
        f"answers        {dict(sorted(account.statuses.items()))}",
        f"route files    {account.files}, of them {account.files_right} right",
        f"memory         {memory[len(memory) // 4]:.0f} MiB when warm, {memory[-1]:.0f} at the end",
        *(f"FOUND: {found.what}\n       {found.data[:4000]}" for found in account.found),
        "nothing found" if not account.found else f"found {len(account.found)}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
