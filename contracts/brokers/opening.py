"""From a broker's address to a client of it."""

from contracts.brokers.memory import MemoryBroker, MemoryHub
from contracts.brokers.port import Broker
from contracts.brokers.rabbitmq import RabbitMQBroker


def open_broker(url: str, *, name: str, hub: MemoryHub | None = None, lane: bool = True) -> Broker:
    """Make a client of the broker at ``url``; call its ``start`` to connect.

    ``memory://`` is the embedded broker of this process: clients that share a
    ``hub`` meet there, and a client without one is alone. ``amqp://`` and
    ``amqps://`` are RabbitMQ; several addresses of one cluster may stand there,
    separated by commas, and are tried in turn. ``name`` is what
    operators see: in the list of connections and in the reply queue's name.

    Two settings may stand in an AMQP URL, after a question mark: ``heartbeat``
    in seconds (default 10; a broker that is silent for twice as long is taken
    for dead, 0 turns that off) and ``lane=off``, which like ``lane=False`` has
    RabbitMQ spoken to by plain aio-pika calls (slower; see
    docs/decisions/0005-the-lane.md).

    Raises ``ValueError`` for an address that no broker here understands; the
    message never holds the password.
    """
    scheme = url.partition("://")[0]
    if scheme == "memory":
        return MemoryBroker(hub or MemoryHub(), name=name)
    if scheme in {"amqp", "amqps"}:
        return RabbitMQBroker(url, name=name, lane=lane)
    # Not what it begins with instead: that may be the password.
    raise ValueError("a broker's address begins with memory://, amqp:// or amqps://")
