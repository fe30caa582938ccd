"""Where a RabbitMQ is, and how to say so without its password."""

from collections.abc import Iterable
from typing import Final

from yarl import URL

SCHEMES: Final = ("amqp", "amqps")
# Seconds; aiormq's default is 60. A broker that is frozen or cut off is found out after at most
# twice as long (``silence``).
HEARTBEAT: Final = "10"
_LONGEST_HEARTBEAT: Final = 65_534
_LANE: Final = "lane"


def addresses(url: str | Iterable[str]) -> tuple[URL, ...]:
    """Read one URL, several separated by commas, or a list of them.

    Raises ``ValueError`` for what is no AMQP URL; the message never holds the
    password.
    """
    found = tuple(_address(text) for text in _texts(url))
    if not found:
        raise ValueError("no address of a broker is given")
    return found


def wants_lane(url: str | Iterable[str]) -> bool:
    """Tell whether the lane is on: it is, unless an address says ``lane=off``.

    Raises ``ValueError`` for what is neither ``on`` nor ``off``.
    """
    wishes = {_parsed(text).query.get(_LANE, "on") for text in _texts(url)}
    if not wishes <= {"on", "off"}:
        raise ValueError("lane is on or off in the address of a broker")
    return "off" not in wishes


def shown(url: URL) -> str:
    """Give the address for logs: no user, no password, no parameters."""
    return f"{url.scheme}://{url.host}:{url.port or '?'}{url.raw_path}"


def _texts(url: str | Iterable[str]) -> list[str]:
    texts = url.split(",") if isinstance(url, str) else list(url)
    return [text.strip() for text in texts if text.strip()]


def _parsed(text: str) -> URL:
    try:
        return URL(text)
    except ValueError:
        # The error would quote the text, with the password in it.
        raise ValueError("the address of the broker is no URL") from None


def _address(text: str) -> URL:
    url = _parsed(text).without_query_params(_LANE)
    if url.scheme not in SCHEMES or not url.host:
        raise ValueError("a broker's address is amqp://user:password@host:port/vhost")
    if not url.explicit_port:
        url = url.with_port(5671 if url.scheme == "amqps" else 5672)
    heartbeat = url.query.get("heartbeat")
    if heartbeat is None:
        return url.update_query(heartbeat=HEARTBEAT)
    # aiormq would take nonsense for 0: no heartbeats at all.
    if not (heartbeat.isascii() and heartbeat.isdigit() and int(heartbeat) <= _LONGEST_HEARTBEAT):
        raise ValueError(f"heartbeat is a number of seconds, 0 to {_LONGEST_HEARTBEAT}")
    return url
