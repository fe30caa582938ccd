"""The store in an SQLite file."""

from contracts.stores.sqlite.store import SQLiteStore

__all__ = ("SQLiteStore",)
