"""Rates and quotas as they stand in the route file."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, Strict, WithJsonSchema

from ingress.limits import rate
from ingress.limits.limit import MAX_RATES

_QUOTA: Final = r"^[1-9][0-9]{0,11}/(day|month)$"


def quota(text: str) -> tuple[str, int]:
    """Read ``1000/day``; gives the unit and how many. Raises ``ValueError``."""
    if not re.match(_QUOTA, text, re.ASCII) or text.endswith("\n"):
        raise ValueError("a quota is calls/day or calls/month: 1000/day, 20000/month")
    calls, _, unit = text.partition("/")
    return unit, int(calls)


def _check_rate(text: str) -> str:
    rate.parse(text)
    return text


def _check_quota(text: str) -> str:
    quota(text)
    return text


def _each_once(texts: tuple[str, ...]) -> tuple[str, ...]:
    windows = [text.partition("/")[2] for text in texts]
    if len(set(windows)) < len(windows):
        raise ValueError("two of them have the same window")
    return texts


_Rate = Annotated[
    str,
    AfterValidator(_check_rate),
    WithJsonSchema({"type": "string", "pattern": rate.PATTERN, "examples": ["10/s", "1000/m"]}),
]
_Quota = Annotated[
    str,
    AfterValidator(_check_quota),
    WithJsonSchema({"type": "string", "pattern": _QUOTA, "examples": ["1000/day"]}),
]

Rates = Annotated[
    tuple[_Rate, ...],
    Strict(strict=False),
    AfterValidator(_each_once),
    Field(
        max_length=MAX_RATES,
        description="Calls in any window of that length: 10/s, 1000/m, 50/10s. All must hold.",
        examples=[["10/s", "1000/m"]],
    ),
]
Quotas = Annotated[
    tuple[_Quota, ...],
    Strict(strict=False),
    AfterValidator(_each_once),
    Field(
        max_length=2,
        description="Calls in a day or month of the calendar, in UTC.",
        examples=[["1000/day", "20000/month"]],
    ),
]
