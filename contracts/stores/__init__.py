"""Shared state behind one port: see :mod:`contracts.stores.port`."""

from pathlib import Path

from contracts.stores import address
from contracts.stores.memory import MemoryStore
from contracts.stores.port import Entry, Store
from contracts.stores.redis import RedisStore
from contracts.stores.sqlite import SQLiteStore


def open_store(url: str, base: Path = Path()) -> Store:
    """Make a client of the store at ``url``; it connects with its first operation.

    ``memory://`` is this process's own, ``sqlite:PATH`` a file (relative to the folder ``base``)
    that the processes of one machine share, and ``redis://``, ``rediss://`` or ``unix://`` a Redis.
    Settings stand after a question mark: ``timeout`` in seconds, ``max_bytes`` (memory and SQLite)
    and ``prefix`` (Redis: what keys begin with); what else stands there is redis-py's.

    Raises ``ValueError`` for an address that no store here understands; the message never holds
    the password.
    """
    where, settings = address.read(url)
    if where.startswith("memory:"):
        settings.pop("timeout", None)
        return MemoryStore(**settings)
    if where.startswith("sqlite:"):
        return SQLiteStore(base / where.removeprefix("sqlite:"), **settings)
    return RedisStore(where, **settings)


__all__ = ("Entry", "Store", "open_store")
