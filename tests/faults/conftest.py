"""The stage of the fault tests: one for each file, healed and looked over after each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.theatre import Theatre
from tests.harness.rabbitmq import PrivateRabbitMQ


@pytest.fixture(scope="module", params=["lane", "plain"])
def way(request: pytest.FixtureRequest) -> str:
    """Name the way to the broker: what is promised holds with the lane and without it.

    A file whose faults never come near the broker takes one way: ``pytestmark = ONE_WAY``.
    """
    return str(request.param)


@pytest.fixture(scope="module")
def _house(
    rabbitmq: PrivateRabbitMQ, tmp_path_factory: pytest.TempPathFactory, way: str
) -> Iterator[Theatre]:
    """Have a gateway and two workers, each side with a proxy of its own to the broker."""
    rabbitmq.revive()
    with Theatre(tmp_path_factory.mktemp("stage"), rabbitmq, lane=way == "lane") as theatre:
        theatre.start()
        yield theatre


@pytest.fixture
async def theatre(_house: Theatre) -> AsyncIterator[Theatre]:
    """Give the stage, with all well before the test and after it."""
    await _house.heal()
    begin = len(_house.stage.said())
    yield _house
    print(_house.stage.said()[begin:][-20_000:])
    await _house.heal()
    await _house.look_over()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for a stage of the test's own."""
    return tmp_path
