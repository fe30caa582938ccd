"""What a worker sends: replies, dead letters, and calls that it gives back.

Here is the one place that settles a delivery which never became a job, and the one place that
decides what a reply may be.
"""

from contracts import logs
from contracts.brokers.port import Delivery
from contracts.call import Reply
from contracts.dead_letter import REPLY_NOT_SENT
from contracts.dialects.faults import ERROR_CODE
from contracts.dialects.port import WorkerDialect
from contracts.fault import Fault
from workers.context import Context
from workers.dead_letters import DeadLetters
from workers.service import Service
from workers.stats import Stats


class Outbox:
    """Sends for one service, over the channel that each delivery came by."""

    def __init__(
        self, service: Service, dialect: WorkerDialect, stats: Stats, letters: DeadLetters
    ) -> None:
        self._service = service
        self._dialect = dialect
        self._stats = stats
        self._letters = letters

    def __repr__(self) -> str:
        return f"<Outbox {self._service.name} {self._dialect!r}>"

    def answer(self, delivery: Delivery, reply: Reply, context: Context) -> None:
        """Send the reply to a call. It does not settle: the ack is for the end of the job."""
        if len(reply.body) > self._service.max_reply:
            log = context.logger.bind(bytes=len(reply.body), limit=self._service.max_reply)
            log.error("the operation failed: its reply is too large")
            reply = Reply.of_fault(Fault("worker_error"), worker_us=reply.worker_us)
        if reply.fault is not None:
            self._stats.faults[reply.fault.code] += 1
        self._send(delivery, reply)

    def refuse(self, delivery: Delivery, fault: Fault) -> None:
        """Answer a delivery that is not begun, and settle it."""
        self._stats.faults[fault.code] += 1
        self._send(delivery, Reply.of_fault(fault, worker_us=0))
        self._letters.settle(delivery)

    def bury(self, delivery: Delivery, fault: Fault, reason: str = "") -> None:
        """Answer a message that nothing can be done for, keep it for a person, and settle it.

        ``reason`` is what its dead letter says; the fault's code when left out.
        """
        logs.bind(request_id=delivery.message.message_id, queue=delivery.queue).warning(
            "a dead letter: {}", fault
        )
        self._stats.faults[fault.code] += 1
        # First, for the first reason counts. It is sent later, so the reply is still before it.
        self._letters.keep(delivery, reason or fault.code, fault.detail or fault.title)
        self._send(delivery, Reply.of_fault(fault, worker_us=0))

    def give_back(self, delivery: Delivery) -> None:
        """Put a call that was not begun back into its queue.

        As a new message, and not by a reject: a rejected one comes back marked as redelivered,
        and then nobody can tell any more that it was never begun. One that is marked already
        loses nothing by the reject.
        """
        if delivery.redelivered:
            delivery.reject(requeue=True)
            return
        if not delivery.message.reply_to:
            # Somebody was told that it is accepted: this copy has to be confirmed.
            self._letters.put_back(delivery)
            return
        try:
            delivery.publish(delivery.message, delivery.queue)
        except (Fault, ValueError):
            delivery.reject(requeue=True)
        else:
            delivery.ack()

    def _send(self, delivery: Delivery, reply: Reply) -> None:
        asked = delivery.message
        if not asked.reply_to:
            if reply.fault is not None:
                logs.bind(request_id=asked.message_id, queue=delivery.queue).warning(
                    "nobody waits for this fault: {}", reply.fault
                )
                # The one place where somebody will hear of it.
                self._letters.keep(delivery, reply.fault.code, reply.fault.detail)
            return
        message = self._dialect.answer(reply, asked)
        if reply.fault is None and ERROR_CODE in message.headers:
            logs.bind(request_id=asked.message_id, queue=delivery.queue).error(
                "the reply cannot be written in the dialect {}", self._dialect.name
            )
            self._stats.faults["worker_error"] += 1
        try:
            delivery.publish(message, asked.reply_to)
        except Exception as error:  # noqa: BLE001 - a reply that cannot be sent must not end the consumer
            logs.bind(request_id=asked.message_id, queue=delivery.queue).error(
                "the reply cannot be sent: {}", error
            )
            self._letters.keep(delivery, REPLY_NOT_SENT, f"the reply cannot be sent: {error}")
