"""Consumers, keys and usage plans in the Store.

All in one space, whose generation tells gateways of every change; when keys were last used stands
in another, or each use would be one.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from contracts.stores.port import Entry, Store
from ingress.consumers.directory import Known
from ingress.consumers.records import Consumer, Key, UsagePlan

SPACE: Final = "consumers"

Record = Consumer | Key | UsagePlan
R = TypeVar("R", Consumer, Key, UsagePlan)

_KINDS: Final[Mapping[type[Record], str]] = {Consumer: "consumer", Key: "key", UsagePlan: "plan"}
_USED: Final = "used"
# Seconds that the moment of a last use is kept: a year.
_REMEMBERED: Final = 365 * 86_400.0
# Writes that are under way at a time.
_BATCH: Final = 500


class Roster:
    """Reads and writes them. Each method raises ``Fault("store_down")`` when the Store is away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[str, tuple[int, Record]] = {}

    async def generation(self) -> int:
        """Give a number that grows with every change."""
        return await self._store.generation(SPACE)

    async def load(self) -> Known:
        """Read all. What has not changed since the last time is not decoded again."""
        read: dict[str, tuple[int, Record]] = {}
        async for key, entry in self._store.scan(f"{SPACE}:"):
            before = self._read.get(key)
            if before is not None and before[0] == entry.version:
                read[key] = before
            elif (record := _decode(key, entry)) is not None:
                read[key] = (entry.version, record)
        self._read = read
        records = [record for _, record in read.values()]
        return Known(
            tuple(one for one in records if isinstance(one, Consumer)),
            tuple(one for one in records if isinstance(one, Key)),
            tuple(one for one in records if isinstance(one, UsagePlan)),
        )

    async def get(self, kind: type[R], name: str) -> tuple[R, int] | None:
        """Give a record with its version."""
        entry = await self._store.get(_key(kind, name))
        return (
            None
            if entry is None
            else (msgspec.msgpack.decode(entry.value, type=kind), entry.version)
        )

    async def add(self, record: Record) -> bool:
        """Write a new record; false when there is one."""
        return await self._store.add(_key_of(record), _encode(record)) is not None

    async def replace(self, record: Record, version: int) -> bool:
        """Write over the version that was read; false when somebody else was quicker."""
        key = _key_of(record)
        return await self._store.replace(key, _encode(record), version=version) is not None

    async def put(self, record: Record) -> None:
        """Write, whatever stood there."""
        await self._store.put(_key_of(record), _encode(record))

    async def delete(self, kind: type[Record], name: str) -> bool:
        """Take a record away; says whether it was there."""
        return await self._store.delete(_key(kind, name))

    async def note_used(self, used: Mapping[str, float]) -> None:
        """Write down when keys were last used, in Unix seconds."""
        pairs = list(used.items())
        for start in range(0, len(pairs), _BATCH):
            await asyncio.gather(
                *(
                    self._store.put(f"{_USED}:{name}", b"%d" % moment, ttl=_REMEMBERED)
                    for name, moment in pairs[start : start + _BATCH]
                )
            )

    async def used(self) -> dict[str, float]:
        """Give when keys were last used, by their ids."""
        return {
            key.partition(":")[2]: float(entry.value)
            async for key, entry in self._store.scan(f"{_USED}:")
        }

    def __repr__(self) -> str:
        return f"<Roster {len(self._read)} read>"


def _key(kind: type[Record], name: str) -> str:
    return f"{SPACE}:{_KINDS[kind]}/{name}"


def _key_of(record: Record) -> str:
    return _key(type(record), record.id if isinstance(record, Key) else record.name)


def _encode(record: Record) -> bytes:
    return msgspec.msgpack.encode(record)


def _decode(key: str, entry: Entry) -> Record | None:
    """Read a record; what is none, or of a newer version, is nobody's."""
    name = key.partition(":")[2].partition("/")[0]
    kind = next((kind for kind, said in _KINDS.items() if said == name), None)
    try:
        return None if kind is None else msgspec.msgpack.decode(entry.value, type=kind)
    except msgspec.DecodeError:
        return None
