"""Where a record stands in its journal, as a text that can be handed round."""

from typing import NamedTuple

from ingress.journal.record import JournalError


class Place(NamedTuple):
    """When the request started, in Unix milliseconds, and which record of the store it is."""

    started: int
    number: int

    def __str__(self) -> str:
        return f"{self.started}-{self.number}"


def parse(text: str) -> Place:
    """Read a place. Raises ``JournalError`` for a text that is none."""
    started, _, number = text.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (started, number)):  # noqa: PLR2004 - digits of 64 bits
        raise JournalError("this is no cursor of this journal: take one as it was given")
    return Place(int(started), int(number))
