"""The embedded broker itself, as MemoryBroker clients see it, and its test kit."""

from typing import Final, Protocol

from contracts.brokers.limits import check
from contracts.brokers.memory_queue import Consumer, Entry, MemoryQueue, dead_letter
from contracts.brokers.port import TOPIC, Message, Queue
from contracts.fault import Fault

# Seconds that a lost connection stays away: long enough for others to see it.
RETRY: Final = 0.05
CONSUMER_LOST: Final = "a queue was deleted under its consumer"


class Client(Protocol):
    """What a hub wants of its clients."""

    def disconnected(self, reason: str) -> None:
        """Take the loss of the connection."""
        ...

    def reconnect(self, after: float = 0) -> None:
        """Connect in ``after`` seconds, and never inside the caller."""
        ...

    def tell_blocked(self) -> None:
        """Look whether the hub takes publishes."""
        ...


class MemoryHub:
    """The embedded broker itself: its queues, and the clients it serves.

    ``stop``, ``start``, ``block``, ``unblock`` and ``drop`` are the test kit:
    they do to the clients what a real broker's bad days do.
    """

    def __init__(self) -> None:
        self.running = True
        self.blocked = False
        self._queues: dict[str, MemoryQueue] = {}
        self._clients: list[Client] = []
        self._topics: dict[str, list[MemoryQueue]] = {}

    def __repr__(self) -> str:
        state = "blocked" if self.blocked else "running" if self.running else "stopped"
        return f"<MemoryHub {state} queues={len(self._queues)} clients={len(self._clients)}>"

    def stop(self) -> None:
        """Go down: only persistent messages in durable queues outlive it."""
        self.running = False
        for client in tuple(self._clients):
            client.disconnected("the broker was stopped")
        for name, queue in tuple(self._queues.items()):
            if not queue.settings.durable:
                self.remove(name)
            kept = [entry for entry in queue.ready if entry.message.persistent]
            queue.ready.clear()
            queue.ready.extend(kept)

    def start(self) -> None:
        """Come up again; the clients connect by themselves."""
        self.running = True
        for client in self._clients:
            client.reconnect()

    def block(self) -> None:
        """Take no more publishes, as RabbitMQ does when memory or disk is short."""
        self.blocked = True
        for client in tuple(self._clients):
            client.tell_blocked()

    def unblock(self) -> None:
        """Take publishes again."""
        self.blocked = False
        for client in tuple(self._clients):
            client.tell_blocked()

    def drop(self, client: Client, *, for_good: bool = False) -> None:
        """Cut a client's connection; it connects again, unless ``for_good``."""
        client.disconnected("the connection was cut")
        if for_good:
            self.leave(client)
        else:
            client.reconnect(RETRY)

    # What follows is for the clients.

    def join(self, client: Client) -> None:
        """Serve one more client."""
        self._clients.append(client)

    def leave(self, client: Client) -> None:
        """Serve a client no longer."""
        if client in self._clients:
            self._clients.remove(client)

    def queue(self, name: str) -> MemoryQueue | None:
        """Give the queue of that name."""
        return self._queues.get(name)

    def declare(self, settings: Queue, *, owner: object | None = None) -> MemoryQueue:
        """Give the queue with these settings, made if it is not there."""
        queue = self._queues.get(settings.name)
        if settings.passive:
            if queue is None:
                raise Fault("no_route", f"there is no queue {settings.name}")
            return queue
        if queue is None:
            queue = MemoryQueue(settings, self._bury, self._republish, owner=owner)
            self._queues[settings.name] = queue
        elif queue.settings != settings or queue.owner is not owner:
            raise Fault("conflict", f"queue {settings.name} exists with other settings")
        return queue

    def bind(self, queue: MemoryQueue, key: str) -> None:
        """Let a queue have all that is published to the topic exchange with this key."""
        self._topics.setdefault(key, []).append(queue)

    def remove(self, name: str) -> None:
        """Delete a queue; its consumers hear of it."""
        queue = self._queues.pop(name, None)
        if queue is None:
            return
        for listeners in self._topics.values():
            if queue in listeners:
                listeners.remove(queue)
        orphans = {consumer.owner for consumer in queue.consumers}
        queue.drop()
        for client in tuple(self._clients):
            if client in orphans:
                client.disconnected(CONSUMER_LOST)
                client.reconnect(RETRY)

    def release(self, consumer: Consumer, *, give_back: bool) -> None:
        """Let a consumer go; an auto-delete queue goes with its last one."""
        queue = consumer.queue
        queue.remove(consumer, give_back=give_back)
        if queue.settings.auto_delete and not queue.consumers and not queue.deleted:
            self.remove(queue.settings.name)

    def route(self, message: Message, routing_key: str, exchange: str = "") -> Fault | None:
        """Put a message into its queue, or say why not."""
        if exchange == TOPIC:
            return self._spread(message, routing_key)
        # No other exchange is here: the embedded broker has queues, no topologies.
        queue = None if exchange else self._queues.get(routing_key)
        if queue is None:
            return Fault("no_route", f"no queue takes {exchange or routing_key}")
        if queue.full:
            return Fault("busy", f"queue {routing_key} is full")
        queue.put(message, routing_key)
        return None

    def _spread(self, message: Message, key: str) -> Fault | None:
        listeners = self._topics.get(key)
        if not listeners:
            return Fault("no_route", f"nobody listens to {key}")
        for queue in listeners:
            queue.put(message, key)
        return None

    def _republish(self, message: Message, routing_key: str) -> None:
        check(message, routing_key)
        self.route(message, routing_key)

    def _bury(self, settings: Queue, entry: Entry, reason: str) -> None:
        if settings.dead_letter:
            self.route(dead_letter(settings, entry, reason), settings.dead_letter)
