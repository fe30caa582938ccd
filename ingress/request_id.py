"""The request id: taken over from the client, or made."""

import os
import re
import time
from collections.abc import Callable
from itertools import count

# What may go into a header, a log line and a message property without quoting.
_FIT = re.compile(r"[A-Za-z0-9._~:/+=@-]{1,128}")

HEADER = "x-request-id"


def accept(given: str) -> str:
    """Give the client's id back if it is fit to be carried on, else ``""``."""
    return given if _FIT.fullmatch(given) else ""


def maker() -> Callable[[], str]:
    """Give a function that makes ids: unique, and sortable by time.

    The shape is that of UUID version 7 (RFC 9562 section 5.7), milliseconds
    first, without its dashes: 12 hex digits of Unix milliseconds, 8 random
    ones of this process, 8 of a counter. No system call for randomness a
    request.
    """
    process = os.urandom(4).hex()
    numbers = count(1)
    clock = time.time_ns

    def make() -> str:
        return f"{clock() // 1_000_000:012x}{process}{next(numbers) & 0xFFFFFFFF:08x}"

    return make
