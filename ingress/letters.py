"""Which dead letters are meant, and how one is told to people and to scripts."""

from typing import Any, Final

import msgspec

from contracts.dead_letter import HEADERS, Letter
from ingress import units
from ingress.preview import MOST, preview

_MS: Final = 1000


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters are meant: those that fit all that is set.

    ``ids`` are request ids (see :attr:`Letter.id`), one of which must fit. ``newer`` and ``older``
    are the age of the last death in seconds; a letter that does not know when it died has none.
    ``headers`` are AMQP headers with their value as text.
    """

    ids: tuple[str, ...] = ()
    reason: str = ""
    operation: str = ""
    route: str = ""
    newer: float | None = None
    older: float | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        words = (("reason", self.reason), ("operation", self.operation), ("route", self.route))
        ages = (("newer", self.newer), ("older", self.older))
        parts = [
            *(f"id={one}" for one in self.ids),
            *(f"{name}={value}" for name, value in words if value),
            *(f"{name}={units.write_duration(age)}" for name, age in ages if age is not None),
            *(f"header {name}={value}" for name, value in self.headers),
        ]
        return " ".join(parts) or "all"

    @property
    def selects(self) -> bool:
        """Whether it asks for anything: without, it fits every letter."""
        return self != EVERY

    def fits(self, letter: Letter, now: int) -> bool:
        """Tell whether a letter is meant; ``now`` in Unix milliseconds."""
        return (
            (not self.ids or letter.id in self.ids)
            and self.reason in {"", letter.last.reason}
            and self.operation in {"", letter.operation}
            and self.route in {"", letter.route}
            and self._fits_age(letter, now)
            and all(_is(letter.message.headers.get(name), value) for name, value in self.headers)
        )

    def _fits_age(self, letter: Letter, now: int) -> bool:
        if self.newer is None and self.older is None:
            return True
        if not letter.last.at:
            return False
        age = (now - letter.last.at) / _MS
        return (self.newer is None or age <= self.newer) and (
            self.older is None or age >= self.older
        )


EVERY: Final = Filter()


def parse_headers(texts: list[str]) -> tuple[tuple[str, str], ...]:
    """Read ``NAME=VALUE`` texts; raises ``ValueError`` for one that is none."""
    pairs = [text.partition("=") for text in texts]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise ValueError(f"a header is written NAME=VALUE, not {name!r}")
    return tuple((name, value) for name, _, value in pairs)


def document(letter: Letter, most: int = MOST) -> dict[str, Any]:
    """Tell a letter as plain values, for JSON. ``most`` characters of the body are shown."""
    message = letter.message
    story = {*HEADERS, "x-operation", "x-route"}
    return {
        "id": letter.id,
        "reason": letter.last.reason,
        "detail": letter.last.detail,
        "queue": letter.last.queue,
        "at": letter.last.at,
        "count": letter.count,
        "requeued": letter.requeued,
        "operation": letter.operation,
        "route": letter.route,
        "history": [msgspec.structs.asdict(death) for death in letter.deaths],
        "content_type": message.content_type,
        "correlation_id": message.correlation_id,
        "headers": {
            name: _plain(value) for name, value in message.headers.items() if name not in story
        },
        "bytes": len(message.body),
        "body": preview(message, most),
    }


def _is(value: object, text: str) -> bool:
    return value is not None and str(_plain(value)) == text


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever AMQP carries
    """Give a header's value as JSON has it; what JSON has not becomes text."""
    match value:
        case bool() | int() | float() | str() | None:
            return value
        case bytes():
            return value.decode(errors="replace")
        case list():
            return [_plain(one) for one in value]
        case dict():
            return {str(key): _plain(one) for key, one in value.items()}
        case _:
            return str(value)
