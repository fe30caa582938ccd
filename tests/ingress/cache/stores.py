"""Stores that several processes may share, for tests that hold for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contracts.stores import Store, open_store


@pytest.fixture(params=["sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store that is shared, empty."""
    redis = request.param == "redis"
    url = request.getfixturevalue("redis_url") if redis else "sqlite:state.sqlite"
    made = open_store(url, tmp_path)
    yield made
    await made.close()
