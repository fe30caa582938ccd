"""Where the benchmark keeps what."""

from pathlib import Path
from typing import Final

BENCH: Final = Path(__file__).parent
ROOT: Final = BENCH.parent
PEERS: Final = BENCH / "peers"

WORK: Final = BENCH / ".work"
"""Installed peers, route files and logs; git ignores it, and it can be removed at any time."""

OUT: Final = BENCH / "out"
"""Results: ``latest.json`` and the charts."""
