"""Fixtures for all tests; what they stand on is in tests/harness."""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from ingress import admin_token
from tests.harness.processes import ChildProcess, queuegate_command
from tests.harness.rabbitmq import NoBrokerError, PrivateRabbitMQ, find_broker
from tests.harness.redis import PrivateRedis
from workers import last_call

# Runs `queuegate WORDS` until the test ends: queuegate("serve", env={...}, cwd=tmp_path).
Queuegate = Callable[..., ChildProcess]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have a broker's program in place, installed if need be, before the first test's clock runs.

    Without one the run fails: a suite that skips in silence what it exists for is green and wrong.
    """
    wanted = any("rabbitmq" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly and not _without_broker():
        try:
            find_broker()
        except NoBrokerError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session", autouse=True)
def _a_shop_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the sample orders of this run, in child processes too, apart from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORDERS_DB", str(tmp_path_factory.mktemp("shop") / "orders.sqlite"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _an_admin_token_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the token of this run's gateways, in child processes too, apart from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(admin_token.FILE_VARIABLE, str(tmp_path_factory.mktemp("admin") / "token"))
        yield


@pytest.fixture(autouse=True)
def _short_last_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have workers in this process leave soon: many tests end with one."""
    monkeypatch.setattr(last_call, "QUIET", 0.02)


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[PrivateRabbitMQ]:
    """The RabbitMQ of this test run, started by the first test that asks for it."""
    if _without_broker():
        pytest.skip("QUEUEGATE_TEST_NO_BROKER=1")
    with PrivateRabbitMQ() as node:
        yield node


@pytest.fixture
def vhost_url(rabbitmq: PrivateRabbitMQ) -> Iterator[str]:
    """AMQP URL of a vhost that is this test's own, and is gone after it."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    rabbitmq.revive()
    yield rabbitmq.create_vhost(name)
    rabbitmq.revive()
    rabbitmq.delete_vhost(name)


@pytest.fixture(scope="session")
def redis() -> Iterator[PrivateRedis]:
    """The Redis of this test run, started by the first test that asks for it."""
    if _without_broker():
        pytest.skip("QUEUEGATE_TEST_NO_BROKER=1")
    with PrivateRedis() as server:
        yield server


@pytest.fixture
def redis_url(redis: PrivateRedis) -> str:
    """Address of a store in Redis whose keys are this test's own."""
    redis.restart()
    return redis.own_url()


@pytest.fixture
def queuegate(tmp_path: Path) -> Iterator[Queuegate]:
    """A starter of `queuegate` commands; all are killed at the end, and their output is shown."""
    log = tmp_path / "queuegate.log"
    with ExitStack() as running:

        def start(
            *words: str, env: Mapping[str, str] | None = None, cwd: Path = tmp_path
        ) -> ChildProcess:
            child = ChildProcess(queuegate_command(*words), log, env, cwd)
            return running.enter_context(child)

        yield start
    if log.exists():
        print(log.read_text(errors="replace")[-20_000:])


def _without_broker() -> bool:
    """A laptop's user may leave out what needs a broker; CI may not."""
    wish = os.environ.get("QUEUEGATE_TEST_NO_BROKER", "")
    return wish not in ("", "0") and not os.environ.get("CI")
