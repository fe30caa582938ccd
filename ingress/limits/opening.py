"""Which meter counts, for the store of a route file."""

import os
from pathlib import Path
from typing import Final

from contracts.stores import Store, address
from contracts.stores.redis import RedisStore
from ingress.limits.local import LocalMeter
from ingress.limits.redis import RedisMeter

FOLDER: Final = "QUEUEGATE_LIMITS"
"""Names the folder in which the processes of one gateway count, when its store is in memory."""


def open_meter(store: Store, url: str, folder: Path) -> LocalMeter | RedisMeter:
    """Make the meter that goes with a store; ``folder`` is that of the route file.

    In Redis it is the same Redis. Beside an SQLite file lies a folder of tables, for all processes
    of this machine that name the file. In memory the processes of one gateway count together.
    """
    if isinstance(store, RedisStore):
        return RedisMeter(store.link, store.prefix)
    where, _ = address.read(url)
    if where.startswith("sqlite:"):
        return LocalMeter(folder / f"{where.removeprefix('sqlite:')}-limits")
    shared = os.environ.get(FOLDER)
    return LocalMeter(Path(shared) if shared else None)
