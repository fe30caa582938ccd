"""The answers that a process keeps: found by what was asked, dropped by path, prefix or tag."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from ingress.cache import vary
from ingress.cache.entry import Entry
from ingress.cache.eviction import Queues, Slot

# Answers that Vary may keep apart at one place; the oldest goes.
_MOST_VARIANTS: Final = 64

Fields = Sequence[tuple[str, str]]
# What is kept for one path of a host: for each part of a key, its variants, the newest last.
_Place = dict[str, list[Slot[Entry]]]


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to drop: by path (any query), by the beginning of the path, by tag, or all.

    ``at`` is when it was given, Unix seconds; what was stored later stays. ``host`` limits it to
    one host, empty for all.
    """

    at: float
    path: str = ""
    prefix: str = ""
    tag: str = ""
    host: str = ""
    all: bool = False

    @property
    def what(self) -> str:
        """Say in words what it drops."""
        kinds = (("path", self.path), ("prefix", self.prefix), ("tag", self.tag))
        named = " ".join(f"{kind} {text}" for kind, text in kinds if text) or "all"
        return f"{named} of {self.host}" if self.host else named

    def fits(self, entry: Entry) -> bool:
        """Whether the answer is among what it drops."""
        if entry.stored > self.at:
            return False
        if self.tag:
            return self.tag in entry.tags
        return self.reaches(entry.host, entry.path)

    def reaches(self, host: str, path: str) -> bool:
        """Whether an answer for this place may be among what it drops, its tags being unknown."""
        if self.all or self.tag:
            return True
        if self.host and self.host != host:
            return False
        if self.path:
            return path == self.path
        return bool(self.prefix) and path.startswith(self.prefix)


class Memory:
    """At most ``room`` bytes of answers, those that are worth most (:mod:`.eviction`)."""

    def __init__(self, room: int) -> None:
        self._queues: Queues[Entry] = Queues(room)
        self._places: dict[str, _Place] = {}
        self._tags: dict[str, set[Slot[Entry]]] = {}
        self.evicted = 0

    @property
    def used(self) -> int:
        """Bytes in use."""
        return self._queues.used

    @property
    def room(self) -> int:
        """Bytes that there are."""
        return self._queues.room

    def __len__(self) -> int:
        return sum(len(slots) for place in self._places.values() for slots in place.values())

    def find(self, host: str, path: str, part: str, fields: Fields) -> Entry | None:
        """Give the newest answer that the request selects (RFC 9111 section 4.1)."""
        place = self._places.get(f"{host}{path}")
        slots = place.get(part) if place is not None else None
        if slots is None:
            return None
        for slot in reversed(slots):
            entry = slot.item
            if not entry.vary or vary.values(fields, entry.vary) == entry.varied:
                slot.hit()
                return entry
        return None

    def varies(self, host: str, path: str, part: str) -> tuple[str, ...]:
        """Give the fields by which the answers here are known to differ."""
        slots = self._places.get(f"{host}{path}", {}).get(part)
        return slots[-1].item.vary if slots else ()

    def put(self, entry: Entry) -> None:
        """Keep an answer, in the place of the one that the same request selects."""
        place = self._places.setdefault(f"{entry.host}{entry.path}", {})
        slots = place.setdefault(entry.part, [])
        for slot in slots:
            if slot.item.vary == entry.vary and slot.item.varied == entry.varied:
                self._drop(slot)
                break
        if len(slots) >= _MOST_VARIANTS:
            self._drop(slots[0])
        name = hash((entry.host, entry.path, entry.part, entry.varied))
        new = Slot(name, entry, entry.cost)
        for out in self._queues.add(new):
            self.evicted += 1
            self._forget(out)
        if not new.gone:
            self._link(new)

    def drop(self, order: Order) -> int:
        """Drop what an order names; says how many answers that were."""
        found = [slot for slot in self._candidates(order) if order.fits(slot.item)]
        for slot in found:
            self._drop(slot)
        return len(found)

    def forget(self, entry: Entry) -> None:
        """Drop one answer."""
        for slot in self._slots_of(entry):
            if slot.item is entry:
                self._drop(slot)
                return

    def entries(self) -> Iterator[Entry]:
        """Give all that there is, in no order that means anything."""
        for place in self._places.values():
            for slots in place.values():
                for slot in slots:
                    yield slot.item

    def _candidates(self, order: Order) -> Iterable[Slot[Entry]]:
        if order.tag:
            return self._tags.get(order.tag, ())
        if order.path and order.host:
            place = self._places.get(f"{order.host}{order.path}", {})
            return [slot for slots in place.values() for slot in slots]
        return [s for place in self._places.values() for slots in place.values() for s in slots]

    def _slots_of(self, entry: Entry) -> list[Slot[Entry]]:
        return self._places.get(f"{entry.host}{entry.path}", {}).get(entry.part, [])

    def _link(self, slot: Slot[Entry]) -> None:
        entry = slot.item
        place = self._places.setdefault(f"{entry.host}{entry.path}", {})
        place.setdefault(entry.part, []).append(slot)
        for tag in entry.tags:
            self._tags.setdefault(tag, set()).add(slot)

    def _drop(self, slot: Slot[Entry]) -> None:
        self._queues.drop(slot)
        self._forget(slot)

    def _forget(self, slot: Slot[Entry]) -> None:
        entry = slot.item
        for tag in entry.tags:
            if (tagged := self._tags.get(tag)) is not None:
                tagged.discard(slot)
                if not tagged:
                    del self._tags[tag]
        key = f"{entry.host}{entry.path}"
        place = self._places.get(key)
        slots = place.get(entry.part) if place is not None else None
        if place is None or slots is None:
            return
        if slot in slots:
            slots.remove(slot)
        if not slots:
            del place[entry.part]
        if not place:
            del self._places[key]

    def __repr__(self) -> str:
        return f"<Memory {len(self._places)} places, {self.used} of {self.room} bytes>"
