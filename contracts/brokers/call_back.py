"""Calling those who listen to a broker."""

import asyncio
from collections.abc import Callable


def call_back(function: Callable[..., object], *args: object) -> None:
    """Call a listener; what it raises goes to the event loop's exception handler.

    One listener that fails must not keep the others, or a connection, from going on.
    """
    try:
        function(*args)
    except Exception as error:  # noqa: BLE001 - as said
        complain(function, error)


def complain(function: Callable[..., object], error: Exception) -> None:
    """Hand over what a listener raised: for who calls it without ``call_back``."""
    asyncio.get_running_loop().call_exception_handler(
        {"message": f"a callback of the broker failed: {function!r}", "exception": error}
    )
