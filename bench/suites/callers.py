"""What it costs to know a caller and to hold them to their limits."""

from typing import Any, Final

from bench.gateway import API_KEY, queuegate
from bench.system import System

_HEADERS: Final = {"X-Api-Key": API_KEY}
# Never reached: what is measured is counting, not refusing.
_MANY: Final = 900_000_000

_KEYS: Final[dict[str, Any]] = {
    "auth": {"partners": {"key": {"header": "x-api-key"}}},
    "consumers": {"anna": {"keys": ["${BENCH_KEY}"]}},
}
_LIMITED: Final[dict[str, Any]] = {
    "store": "${STORE_URL}",
    "limits": {"each": {"by": "consumer", "rates": [f"{_MANY}/m"]}},
}
_PLANNED: Final[dict[str, Any]] = {
    **_KEYS,
    **_LIMITED,
    "usage_plans": {"gold": {"quotas": [f"{_MANY}/month"]}},
    "consumers": {"anna": {"keys": ["${BENCH_KEY}"], "plan": "gold"}},
}


def systems() -> tuple[System, ...]:
    """Everything on, and API keys, a limit and a quota more."""
    limited = {"limits": ["each"]}
    both = {"auth": ["partners"], **limited}
    return (
        queuegate(
            "key",
            "with an API key",
            settings={"auth": ["partners"]},
            top=_KEYS,
            headers=_HEADERS,
        ),
        queuegate("limit", "with a limit, counted on the machine", settings=limited, top=_LIMITED),
        queuegate(
            "key-limit-quota",
            "with an API key, a limit and a quota, counted on the machine",
            settings=both,
            top=_PLANNED,
            headers=_HEADERS,
        ),
        queuegate(
            "key-limit-quota-redis",
            "with an API key, a limit and a quota, counted in Redis",
            settings=both,
            top=_PLANNED,
            redis=True,
            headers=_HEADERS,
        ),
    )
