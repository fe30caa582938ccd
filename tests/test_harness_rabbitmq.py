"""What the tests may expect of their private RabbitMQ."""

import os
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import aio_pika
import httpx
import pytest
from aio_pika.exceptions import AMQPConnectionError, AMQPError

from tests.harness import rabbitmq as harness
from tests.harness.install import no_service_starts
from tests.harness.nodes import ContainerNode, GivenNode, LocalNode
from tests.harness.processes import ROOT, ChildProcess
from tests.harness.rabbitmq import NoBrokerError, PrivateRabbitMQ, find_broker
from tests.harness.waiting import eventually, wait_until


async def _queue_exists(url: str, name: str) -> bool:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        try:
            await channel.declare_queue(name, passive=True)
        except aio_pika.exceptions.ChannelNotFoundEntity:
            return False
        return True


async def _declare(url: str, name: str) -> None:
    connection = await aio_pika.connect(url)
    async with connection:
        await (await connection.channel()).declare_queue(name, durable=True)


@pytest.mark.parametrize("time", ["first", "second"])
async def test_each_test_has_a_vhost_of_its_own(vhost_url: str, time: str) -> None:
    """A queue that one test declares is not there for the next."""
    assert not await _queue_exists(vhost_url, "left over")
    await _declare(vhost_url, "left over")
    assert await _queue_exists(vhost_url, "left over")


def test_the_fixture_deletes_its_vhost(rabbitmq: PrivateRabbitMQ) -> None:
    """Between two tests no vhost but the broker's own is there."""
    names = [each["name"] for each in rabbitmq.management.call("GET", "/vhosts")]
    assert names == ["/"]


async def test_a_vhost_can_have_any_name(rabbitmq: PrivateRabbitMQ) -> None:
    """A slash, a space and an umlaut in a vhost's name reach the broker as they are."""
    url = rabbitmq.create_vhost("a/b ü")
    await _declare(url, "one")
    assert await _queue_exists(url, "one")
    rabbitmq.delete_vhost("a/b ü")
    with pytest.raises(AMQPError):
        await aio_pika.connect(url)


async def test_data_survive_a_power_cut(rabbitmq: PrivateRabbitMQ, vhost_url: str) -> None:
    """After kill and restart the same URL leads to the same durable queue."""
    await _declare(vhost_url, "durable")
    rabbitmq.kill()
    with pytest.raises(AMQPConnectionError):
        await aio_pika.connect(vhost_url)
    rabbitmq.restart()
    assert await _queue_exists(vhost_url, "durable")


async def test_the_broker_can_say_goodbye(rabbitmq: PrivateRabbitMQ, vhost_url: str) -> None:
    """Closing a vhost's connections from the broker's side tells each client so."""
    connection = await aio_pika.connect(vhost_url)
    gone: list[object] = []
    connection.close_callbacks.add(lambda _, reason: gone.append(reason))
    rabbitmq.close_connections(connection.url.path.strip("/"))
    await eventually(lambda: gone)
    assert "CONNECTION_FORCED" in str(gone[0])


async def test_publishers_can_be_blocked(rabbitmq: PrivateRabbitMQ, vhost_url: str) -> None:
    """Under the memory alarm a publisher's messages are not confirmed, and they are after it."""
    connection = await aio_pika.connect(vhost_url)
    async with connection:
        exchange = (await connection.channel()).default_exchange
        rabbitmq.block_publishers()
        message = aio_pika.Message(b"")
        # The first publish gets through: it is what makes the broker see a publisher here.
        await exchange.publish(message, "nobody", mandatory=False, timeout=5)
        with pytest.raises(TimeoutError):
            await exchange.publish(message, "nobody", mandatory=False, timeout=0.2)
        rabbitmq.unblock_publishers()
        await exchange.publish(message, "nobody", mandatory=False, timeout=5)


def test_nothing_is_left_behind_when_the_test_run_is_killed(tmp_path: Path) -> None:
    """After kill -9 of the process that holds a broker, its processes and its folder are gone."""
    server = tmp_path / "rabbitmq-server"
    server.write_text("#!/bin/sh\nexec sleep 600\n")
    server.chmod(stat.S_IRWXU)
    holder = (
        "import time, pathlib; from tests.harness.nodes import LocalNode\n"
        f"node = LocalNode(pathlib.Path({str(server)!r})); node.start()\n"
        "print(node._epmd.pid, node._broker.pid, node._folder, flush=True); time.sleep(600)"
    )
    with ChildProcess([sys.executable, "-c", holder], tmp_path / "log") as child:
        epmd, broker, folder = child.wait_for_output("\n").split()
        assert Path(folder).exists()
        assert _alive(epmd)
        assert _alive(broker)
        child.kill()
    wait_until(lambda: not Path(folder).exists())
    wait_until(lambda: not _alive(epmd))
    wait_until(lambda: not _alive(broker))


def test_a_broker_that_does_not_start_tells_why(tmp_path: Path) -> None:
    """The error has what the server printed, comes at once, and leaves no folder behind."""
    server = tmp_path / "rabbitmq-server"
    server.write_text("#!/bin/sh\necho no room on this machine\nexit 78\n")
    server.chmod(stat.S_IRWXU)
    node = LocalNode(server)
    with pytest.raises(RuntimeError, match="ended with 78:\nno room"), PrivateRabbitMQ(node):
        pass
    assert "released" in repr(node._guard)
    assert not node._folder.exists()


def test_a_given_broker_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL in the environment is used before anything is looked for or installed."""
    monkeypatch.setenv(harness.URL_VARIABLE, "amqp://me:secret@queue.example:5672/")
    monkeypatch.setenv(harness.MANAGEMENT_VARIABLE, "http://me:secret@queue.example:15672/")
    node = find_broker()()
    assert isinstance(node, GivenNode)
    given = PrivateRabbitMQ(node)
    assert given.url("a b") == "amqp://me:secret@queue.example:5672/a%20b"
    with pytest.raises(RuntimeError, match="one of our own"):
        given.kill()
    given.close()


def test_a_given_broker_needs_its_management_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """One variable without the other is an error that names both."""
    monkeypatch.setenv(harness.URL_VARIABLE, "amqp://queue.example")
    monkeypatch.delenv(harness.MANAGEMENT_VARIABLE, raising=False)
    with pytest.raises(NoBrokerError, match="MANAGEMENT_URL must be too"):
        find_broker()


def test_no_broker_at_all_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no URL, server, root or container engine the message lists the ways out."""
    monkeypatch.delenv(harness.URL_VARIABLE, raising=False)
    monkeypatch.setattr(harness, "installed_server", lambda: None)
    monkeypatch.setattr(harness, "can_install", lambda: False)
    monkeypatch.setattr(harness, "container_engine", lambda: None)
    with pytest.raises(NoBrokerError, match="apt-get install rabbitmq-server"):
        find_broker()


def test_a_container_is_started_hurt_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is asked to run, kill, start and remove one and the same container."""
    asked = tmp_path / "asked"
    engine = tmp_path / "docker"
    engine.write_text(f'#!/bin/sh\necho "$@" >> {shlex.quote(str(asked))}\necho true\n')
    engine.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv(harness.URL_VARIABLE, raising=False)
    monkeypatch.setattr(harness, "installed_server", lambda: None)
    monkeypatch.setattr(harness, "can_install", lambda: False)
    node = find_broker()()
    assert isinstance(node, ContainerNode)
    node.start()
    assert node.died() is None
    node.kill()
    node.start()
    node.ctl("stop_app")
    node.discard()
    name = node._name
    amqp, management = (httpx.URL(url).port for url in (node.url, node.management_url))
    ports = f"--publish 127.0.0.1:{amqp}:5672 --publish 127.0.0.1:{management}:15672"
    assert asked.read_text().splitlines() == [
        "info",
        f"run --detach --name {name} {ports} rabbitmq:4-management",
        f"inspect --format {{{{.State.Running}}}} {name}",
        f"kill {name}",
        f"start {name}",
        f"exec {name} rabbitmqctl stop_app",
        f"rm --force --volumes {name}",
    ]


@pytest.mark.parametrize(
    "environment, says, code",
    [
        ({"QUEUEGATE_TEST_NO_BROKER": "1", "CI": ""}, "1 skipped", 0),
        ({"QUEUEGATE_TEST_NO_BROKER": "1", "CI": "true"}, "MANAGEMENT_URL must be too", 4),
        ({"QUEUEGATE_TEST_NO_BROKER": "", "CI": ""}, "MANAGEMENT_URL must be too", 4),
    ],
)
def test_a_missing_broker_never_skips_in_silence(
    environment: dict[str, str], says: str, code: int
) -> None:
    """Without a broker the run fails, unless a laptop's user asked to leave those tests out."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-k", "vhost_can_have_any_name", __file__],
        env={**os.environ, **environment, harness.URL_VARIABLE: "amqp://no.example"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, says in done.stdout + done.stderr) == (code, True), done.stdout


@pytest.mark.parametrize("before", [None, "#!/bin/sh\nexit 0\n"])
def test_installing_starts_no_service_and_keeps_the_policy(
    tmp_path: Path, before: str | None
) -> None:
    """While apt runs services are denied their start, and afterwards the policy is as it was."""
    policy = tmp_path / "policy-rc.d"
    if before:
        policy.write_text(before)
    with no_service_starts(policy):
        assert subprocess.run([policy, "rabbitmq-server", "start"], check=False).returncode == 101
    assert [path.read_text() for path in tmp_path.iterdir()] == ([before] if before else [])


def _alive(pid: str) -> bool:
    """Tell whether a process runs; one that is dead but not yet reaped by its parent does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, check=False)
    return state.stdout.strip()[:1] not in (b"", b"Z")
