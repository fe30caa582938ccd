"""Whether a text can be the address of a broker.

Asked when a route file is read and when an option is given, so that a typo is
told at once. What a broker does with an address is its own affair.
"""

import re
from typing import Final
from urllib.parse import urlsplit

PATTERN: Final = r"^(memory|amqps?)://"


def check(url: str) -> str:
    """Give the address back, or raise ``ValueError``.

    Several addresses of one cluster stand behind each other, with commas. The
    message never repeats the address: it holds a password.
    """
    if not re.match(PATTERN, url):
        raise ValueError("a broker is memory:// or begins with amqp:// or amqps://")
    if not (url.startswith("memory:") or all(map(_has_host, url.split(",")))):
        raise ValueError(
            "the URL has no usable host and port: amqp://user:password@host:5672/vhost"
        )
    return url


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url.strip())
        return parts.scheme in {"amqp", "amqps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
