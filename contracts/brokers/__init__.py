"""Message brokers behind one port: see :mod:`contracts.brokers.port`."""

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Broker
from contracts.brokers.rabbitmq import RabbitMQBroker


def open_broker(url: str, *, name: str, hub: MemoryHub | None = None) -> Broker:
    """Make a client of the broker at ``url``; call its ``start`` to connect.

    ``memory://`` is the embedded broker of this process: clients that share a
    ``hub`` meet there, and a client without one is alone. ``amqp://`` and
    ``amqps://`` are RabbitMQ; several addresses of one cluster may stand there,
    separated by commas, and are tried in turn. ``name`` is what
    operators see: in the list of connections and in the reply queue's name.

    Raises ``ValueError`` for an address that no broker here understands; the
    message never holds the password.
    """
    scheme = url.partition("://")[0]
    if scheme == "memory":
        return MemoryBroker(hub or MemoryHub(), name=name)
    if scheme in {"amqp", "amqps"}:
        return RabbitMQBroker(url, name=name)
    # Not what it begins with instead: that may be the password.
    raise ValueError("a broker's address begins with memory://, amqp:// or amqps://")
