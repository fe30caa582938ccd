"""Moments as people write them: RFC 3339, or a day alone, which begins at midnight UTC."""

from datetime import UTC, datetime


def read(text: str) -> float:
    """Read a moment as Unix seconds. Raises ``ValueError`` with a sentence."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a moment is written 2027-01-31 or 2027-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        if len(text) > len("2027-01-31"):
            raise ValueError("a moment needs its time zone: 2027-01-31T12:00:00Z")
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


def write(moment: float) -> str:
    """Write Unix seconds as RFC 3339, in UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
