"""Records for tests: calls of an invented shop."""

from typing import Any, Final

from ingress.journal.record import Content, Record

START: Final = 1_764_000_000_000
"""Unix milliseconds, the moment of the first record."""


def record(number: int = 0, **fields: Any) -> Record:
    """Make the record of a call that came ``number`` milliseconds after the first."""
    return Record(
        **{
            "id": f"r-{number}",
            "started": START + number,
            "method": "GET",
            "path": f"/v1/orders/{number}",
            "route": "GET /v1/orders/{id}",
            "operation": "orders.get",
            "status": 200,
            "attempts": 1,
            "duration_us": 2500,
            "client": "10.0.0.7",
            **fields,
        }
    )


def full(number: int = 0, **content: Any) -> Record:
    """Make the record of a call with its headers and bodies."""
    return record(
        number,
        method="POST",
        path="/v1/orders",
        route="POST /v1/orders",
        operation="orders.create",
        status=201,
        level="full",
        content=Content(
            **{
                "query": "dry=1",
                "request_headers": (("content-type", "application/json"), ("x-shop", "a")),
                "request_body": b'{"sku": "tea", "quantity": 2}',
                "reply_headers": (("content-type", "application/json"),),
                "reply_body": b'{"id": "o-1"}',
                **content,
            }
        ),
    )
