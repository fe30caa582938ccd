"""Moments in the route file: ``2027-01-31``, or ``2027-01-31T12:00:00Z``."""

from datetime import UTC, datetime
from typing import Final

FORM: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
)


def read(text: object) -> int:
    """Read a day, which begins at midnight UTC, or a moment with its zone; gives Unix seconds.

    Raises ``ValueError`` with a sentence that says what to write.
    """
    msg = "a moment is written as 2027-01-31 or 2027-01-31T12:00:00Z (RFC 3339)"
    if not isinstance(text, str):
        raise ValueError(msg)  # noqa: TRY004 - one error for all that is written wrong
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(msg) from None
    if len(text) == len("2027-01-31"):
        moment = moment.replace(tzinfo=UTC)
    if moment.tzinfo is None:
        raise ValueError(msg)
    return int(moment.timestamp())


def write(seconds: int) -> str:
    """Write Unix seconds as they would stand in the file."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")
