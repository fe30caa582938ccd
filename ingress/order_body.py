"""The body of an order to the gateway itself, read from JSON."""

from typing import TypeVar

import msgspec

from contracts.fault import Fault

T = TypeVar("T")


def read(body: bytes, kind: type[T]) -> T:
    """Read a body; an empty one says nothing.

    Raises the Fault that says what is wrong with it: ``invalid_body`` for JSON of another kind,
    ``invalid_request`` for what is no JSON.
    """
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise Fault("invalid_body", str(error)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise Fault("invalid_request", f"the body is not JSON: {error}") from None
