"""Calls that are accepted and not awaited: 202 once the broker keeps them.

The promise is about the message: it is persistent, and the client hears of success only after the
broker has confirmed it (RabbitMQ: on disk, or on a majority of the nodes of a quorum queue). It
asks for no answer, has no deadline and never expires: who accepted it has to do it, however long
there is no worker. What fails on the way is told as for any other call, and an outcome that nobody
knows is never a success.
"""

from msgspec.structs import replace

from contracts.brokers.confirmed import publish_confirmed
from contracts.brokers.port import Broker, Message
from contracts.call import Call, Reply
from contracts.fault import Fault
from ingress.plan import Target

ACCEPTED = 202


class Acceptor:
    """Hands calls over to the broker for good: a sender for :class:`ingress.dispatch.Dispatch`."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def __repr__(self) -> str:
        return f"<Acceptor {self._broker!r}>"

    async def send(self, target: Target, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109 - as Rpc
        """Publish, and wait at most ``timeout`` seconds for the broker's confirm.

        A 202 with the request id, or the Fault that says why not: ``no_route``, ``busy``,
        ``broker_down``, or ``broker_blocked``, also when no confirm came in time. Only where its
        ``not_run`` is false may the call have been accepted all the same. Raises only what the
        dialect raises on a call that it cannot put into a message.
        """
        try:
            await publish_confirmed(
                self._broker,
                _message(target, call),
                routing_key=target.routing_key,
                exchange=target.exchange,
                within=timeout,
            )
        except Fault as fault:
            return Reply.of_fault(fault)
        return Reply.json({"status": "accepted", "request_id": call.id}, status=ACCEPTED)


def _message(target: Target, call: Call) -> Message:
    message = target.dialect.request(
        # The deadline is the client's, who waits for our word and not for the worker's.
        replace(call, deadline=0),
        correlation_id=call.id,
        reply_to="",
        expiration_ms=0,
    )
    return replace(message, expiration_ms=None, persistent=True)
