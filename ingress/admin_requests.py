"""What the admin port takes out of a request: orders, numbers of the query, how much is wanted.

A browser cannot be made to send an order by a page of somebody else: it needs a JSON content type,
which such a page may not send unasked, and is refused when an ``Origin`` comes with it.
"""

from typing import Final, TypeVar

from sanic import Request

from contracts.fault import Fault
from ingress import order_body

PAGE: Final = 1000
"""What one answer lists at most."""

T = TypeVar("T")


def check_order(request: Request) -> None:
    """Raises ``Fault`` for an order that a page of somebody else may have sent."""
    if "origin" in request.headers:
        raise Fault("forbidden", "no orders from web pages")
    if request.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Fault("unsupported_media_type", "an order is application/json")


def read_order(request: Request, kind: type[T]) -> T:
    """Read the body of an order, or raise the Fault that says what is wrong with it."""
    check_order(request)
    return order_body.read(request.body, kind)


def number(request: Request, name: str, default: int, most: int = 999_999) -> int:
    """Read a number of the query, from 1 to ``most``. Raises ``Fault``."""
    text = request.args.get(name, str(default))
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    if not (digits and 0 < int(text) <= most):
        raise Fault("invalid_request", f"{name} is a number from 1 to {most}")
    return int(text)


def page(request: Request) -> int:
    """Read how many are wanted, ``limit``: 50 where nothing is said, and never more than a page."""
    return min(number(request, "limit", 50), PAGE)
