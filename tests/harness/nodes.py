"""Three ways to have a RabbitMQ node: start one here, in a container, or be given one."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Final, Protocol

from tests.harness.guard import Guard
from tests.harness.ports import free_port

_IMAGE: Final = "rabbitmq:4-management"


class Node(Protocol):
    """A RabbitMQ node: where it is, and how it is started, hurt and thrown away."""

    url: str
    """AMQP URL without a vhost."""
    management_url: str
    """HTTP URL of the management API, with user and password."""

    def start(self) -> None:
        """Launch it, or launch it again after `kill`; do not wait until it is ready."""

    def died(self) -> str | None:
        """Tell why it will never be ready, if that is so."""

    def kill(self) -> None:
        """End it at once, as a power cut would, and keep its data."""

    def freeze(self) -> None:
        """Stop it in its tracks: its connections stay open, and nothing answers."""

    def thaw(self) -> None:
        """Let it go on."""

    def ctl(self, *words: str) -> str:
        """Run rabbitmqctl and return what it prints."""

    def discard(self) -> None:
        """End it and leave nothing of it behind."""


class LocalNode:
    """A node from an installed server, in a folder, an epmd and ports of its own.

    Needs no root, touches nothing of another RabbitMQ on the same machine, and listens on
    127.0.0.1 alone. A node ``beside`` another one shares its epmd and its cookie, so that the two
    can be of one cluster; it is discarded before that one.
    """

    def __init__(self, server: Path, *, beside: "LocalNode | None" = None) -> None:
        self._server = server
        self._folder = Path(tempfile.mkdtemp(prefix="queuegate-rabbitmq-"))
        self._broker: subprocess.Popen[bytes] | None = None
        self._neighbour = beside
        amqp, management = free_port(), free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{amqp}"
        self.management_url = f"http://guest:guest@127.0.0.1:{management}"
        self.data = self._folder / "data"
        self._environment = self._write_settings(amqp, management)
        self.name = self._environment["RABBITMQ_NODENAME"]
        if beside is not None:
            self._environment["ERL_EPMD_PORT"] = beside._environment["ERL_EPMD_PORT"]
            self._epmd: subprocess.Popen[bytes] = beside._epmd
            self._guard = Guard(f"rm -rf {shlex.quote(str(self._folder))}")
            return
        # Erlang's port mapper. Started by hand, for the one that RabbitMQ would start becomes a
        # daemon that outlives it. It leads the process group of all that follows.
        port = self._environment["ERL_EPMD_PORT"]
        self._epmd = subprocess.Popen(
            ["epmd", "-port", port, "-address", "127.0.0.1"],
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        group, folder = self._epmd.pid, shlex.quote(str(self._folder))
        # Twice, for a dying broker may write once more.
        self._guard = Guard(
            f"kill -s KILL -- -{group}; rm -rf {folder} || {{ sleep 1; rm -rf {folder}; }}"
        )

    def _write_settings(self, amqp: int, management: int) -> dict[str, str]:
        (self._folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{amqp}\n"
            "management.tcp.ip = 127.0.0.1\n"
            f"management.tcp.port = {management}\n"
            "vm_memory_high_watermark.absolute = 1GB\n"
            # A laptop with a full disk still tests: nothing here is worth a publisher that blocks.
            "disk_free_limit.absolute = 20MB\n"
        )
        # What nodes of one cluster know each other by; Erlang wants it to be nobody else's.
        cookie = self._folder / ".erlang.cookie"
        if self._neighbour is None:
            cookie.write_text(uuid.uuid4().hex)
        else:
            shutil.copy(self._neighbour._folder / ".erlang.cookie", cookie)
        cookie.chmod(0o400)
        (self._folder / "plugins").write_text(
            "[rabbitmq_consistent_hash_exchange,rabbitmq_management].\n"
        )
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self._folder),  # the Erlang cookie
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_NODENAME": f"queuegate-{uuid.uuid4().hex[:8]}@localhost",
            "RABBITMQ_NODE_PORT": str(amqp),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self.data),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(self._folder / "rabbitmq-env.conf"),
            # With "input allowed" the start script becomes the broker, instead of a shell that
            # waits for it: our child is the broker itself. -noinput closes the input after all.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-noinput -kernel inet_dist_use_interface {127,0,0,1}"
            ),
        }

    def start(self) -> None:
        with (self._folder / "output").open("ab") as output:
            self._broker = subprocess.Popen(
                [self._server],
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=self._epmd.pid,
            )

    def died(self) -> str | None:
        if self._broker is None or self._broker.poll() is None:
            return None
        said = (self._folder / "output").read_text(errors="replace")[-2000:]
        return f"rabbitmq-server ended with {self._broker.returncode}:\n{said}"

    def kill(self) -> None:
        if self._broker is not None:
            self._broker.kill()
            self._broker.wait()
            self._broker = None

    def freeze(self) -> None:
        if self._broker is not None:
            self._broker.send_signal(signal.SIGSTOP)
            # Until all of its threads stand still: on a busy machine they answer for a while.
            os.waitpid(self._broker.pid, os.WUNTRACED)

    def thaw(self) -> None:
        if self._broker is not None:
            self._broker.send_signal(signal.SIGCONT)

    def ctl(self, *words: str) -> str:
        return _output([str(self._server.with_name("rabbitmqctl")), *words], self._environment)

    def discard(self) -> None:
        # No SIGTERM first: an orderly stop takes 6 s to save what is thrown away here.
        self.kill()
        if self._neighbour is None and self._epmd.poll() is None:
            os.killpg(self._epmd.pid, signal.SIGKILL)
            self._epmd.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._guard.release()


class ContainerNode:
    """A node in a container of docker or podman, whose ports are open on 127.0.0.1 alone."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._name = f"queuegate-test-{uuid.uuid4().hex[:8]}"
        self._ports = free_port(), free_port()
        self._made = False
        self.url = f"amqp://guest:guest@127.0.0.1:{self._ports[0]}"
        self.management_url = f"http://guest:guest@127.0.0.1:{self._ports[1]}"
        self._guard = Guard(shlex.join([engine, "rm", "--force", "--volumes", self._name]))

    def start(self) -> None:
        if self._made:
            _output([self._engine, "start", self._name])
            return
        amqp, management = (f"127.0.0.1:{port}" for port in self._ports)
        publish = ["--publish", f"{amqp}:5672", "--publish", f"{management}:15672"]
        _output([self._engine, "run", "--detach", "--name", self._name, *publish, _IMAGE])
        self._made = True

    def died(self) -> str | None:
        state = ["inspect", "--format", "{{.State.Running}}", self._name]
        if _output([self._engine, *state]).strip() == "true":
            return None
        return f"the container ended:\n{_output([self._engine, 'logs', self._name])[-2000:]}"

    def kill(self) -> None:
        _output([self._engine, "kill", self._name])

    def freeze(self) -> None:
        _output([self._engine, "pause", self._name])

    def thaw(self) -> None:
        _output([self._engine, "unpause", self._name])

    def ctl(self, *words: str) -> str:
        return _output([self._engine, "exec", self._name, "rabbitmqctl", *words])

    def discard(self) -> None:
        if self._made:
            _output([self._engine, "rm", "--force", "--volumes", self._name])
        self._guard.release()


class GivenNode:
    """A node that somebody else runs: it can be used, but not hurt."""

    def __init__(self, url: str, management_url: str) -> None:
        self.url = url.rstrip("/")
        self.management_url = management_url.rstrip("/")

    def start(self) -> None:
        """It runs already."""

    def died(self) -> str | None:
        return None

    def kill(self) -> None:
        raise self._not_ours()

    def freeze(self) -> None:
        raise self._not_ours()

    def thaw(self) -> None:
        raise self._not_ours()

    def ctl(self, *words: str) -> str:
        raise self._not_ours()

    def discard(self) -> None:
        """It stays."""

    def _not_ours(self) -> RuntimeError:
        return RuntimeError(f"{self.url} is given: a test that kills brokers needs one of our own")


def container_engine() -> str | None:
    """Return docker or podman, whichever has an engine that answers."""
    for engine in ("docker", "podman"):
        if shutil.which(engine) is None:
            continue
        try:
            subprocess.run([engine, "info"], check=True, capture_output=True, timeout=10)
        except (subprocess.SubprocessError, OSError):
            continue
        return engine
    return None


def _output(words: list[str], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        words,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"{shlex.join(words)} failed: {done.stderr or done.stdout}"
        raise RuntimeError(message)
    return done.stdout
