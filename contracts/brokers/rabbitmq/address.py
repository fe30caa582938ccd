"""Where a RabbitMQ is, and how to say so without its password."""

from collections.abc import Iterable
from typing import Final

from yarl import URL

SCHEMES: Final = ("amqp", "amqps")
# Seconds. aiormq's default of 60 finds out about a dead peer after three minutes.
HEARTBEAT: Final = "10"


def addresses(url: str | Iterable[str]) -> tuple[URL, ...]:
    """Read one URL, several separated by commas, or a list of them.

    Raises ``ValueError`` for what is no AMQP URL; the message never holds the
    password.
    """
    texts = url.split(",") if isinstance(url, str) else list(url)
    found = tuple(_address(text.strip()) for text in texts if text.strip())
    if not found:
        raise ValueError("no address of a broker is given")
    return found


def shown(url: URL) -> str:
    """Give the address for logs: no user, no password, no parameters."""
    return f"{url.scheme}://{url.host}:{url.port or '?'}{url.raw_path}"


def _address(text: str) -> URL:
    try:
        url = URL(text)
    except ValueError:
        # The error would quote the text, with the password in it.
        raise ValueError("the address of the broker is no URL") from None
    if url.scheme not in SCHEMES or not url.host:
        raise ValueError("a broker's address is amqp://user:password@host:port/vhost")
    if not url.explicit_port:
        url = url.with_port(5671 if url.scheme == "amqps" else 5672)
    return url if "heartbeat" in url.query else url.update_query(heartbeat=HEARTBEAT)
