"""A RabbitMQ cluster of several nodes on this machine, for tests of what a lost node costs."""

from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from tests.harness.install import can_install, install_server, installed_server
from tests.harness.nodes import LocalNode
from tests.harness.rabbitmq import PrivateRabbitMQ

NODES: Final = 3


class NoClusterError(RuntimeError):
    """There is no installed server to start several nodes of."""


class Cluster:
    """Three nodes, which is the least of which one can be lost; a context manager.

    ``nodes`` are the brokers, each to be used and hurt by itself. Vhosts, queues and permissions
    are the cluster's.
    """

    def __init__(self) -> None:
        server = installed_server() or (install_server() if can_install() else None)
        if server is None:
            raise NoClusterError("a cluster needs an installed rabbitmq-server")
        first = LocalNode(server)
        self._places = [first, *(LocalNode(server, beside=first) for _ in range(NODES - 1))]
        self.nodes = [PrivateRabbitMQ(place) for place in self._places]
        self._running = ExitStack()

    def __repr__(self) -> str:
        return f"<Cluster {[place.name for place in self._places]}>"

    def __enter__(self) -> Self:
        # The first one's epmd serves all, so it is ended last.
        for node in self.nodes:
            self._running.callback(node.close)
        try:
            for place in self._places:
                place.start()
            for node, place in zip(self.nodes, self._places, strict=True):
                node.wait_until_ready()
                if place is not self._places[0]:
                    place.ctl("stop_app")
                    place.ctl("join_cluster", self._places[0].name)
                    place.ctl("start_app")
            for node in self.nodes:
                node.wait_until_ready()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.close()

    def url(self, vhost: str, *, first: int = 0) -> str:
        """Return the AMQP URLs of all nodes, separated by commas, beginning with one of them."""
        nodes = [*self.nodes[first:], *self.nodes[:first]]
        return ",".join(node.url(vhost) for node in nodes)

    def node_of(self, name: str) -> PrivateRabbitMQ:
        """Return the node of this name."""
        return next(n for n, p in zip(self.nodes, self._places, strict=True) if p.name == name)
