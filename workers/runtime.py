"""A service at work: deliveries become calls, calls become replies.

What holds for every delivery, whatever happens to it:

- one reply, if it names a queue for it; the reply goes out first, the ack second;
- the ack comes when the operation has ended, also when its deadline was earlier. So a function
  that cannot be stopped holds its place at the broker too, and the broker gives the calls that
  would wait behind it to other workers;
- an operation that may not be repeated is not begun for a message that a lost worker may have
  begun already: the caller is told ``worker_lost`` and decides.

Everything on the way of a call is decided in plain callbacks; only an operation that waits has a
task and a timer (``starter``).
"""

import asyncio
from collections import deque

import msgspec
from msgspec.structs import replace

from contracts import cancel, logs
from contracts.brokers.port import Broker, Delivery, Message, Queue, Subscription
from contracts.call import Call, Reply
from contracts.callers.verifier import Unverified
from contracts.dead_letter import DELIVERY_COUNT, DELIVERY_LIMIT, attempts
from contracts.deadline import left_of
from contracts.dialects import dialect
from contracts.fault import Fault
from workers.callers import UNSIGNED, CallerKeys
from workers.cancels import Cancels
from workers.context import Context
from workers.dead_letters import DeadLetters
from workers.endpoint import Endpoint
from workers.last_call import LastCall
from workers.outbox import Outbox
from workers.service import Service
from workers.starter import Starter
from workers.stats import Stats
from workers.threads import Threads

# Seconds that a cancelled operation has to clean up when the drain's patience is over.
_LAST_WORDS = 1.0
# Seconds before its deadline from which a call that is given up counts as one that is too slow.
_NEARLY = 0.05
# Seconds between two looks at what has no task to wait for.
_TURN = 0.002


class Job(msgspec.Struct, eq=False):
    """One delivery whose operation runs."""

    delivery: Delivery
    context: Context
    endpoint: Endpoint
    answered: bool = False
    settled: bool = False
    task: asyncio.Task[None] | None = None
    timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        state = "settled" if self.settled else "answered" if self.answered else "running"
        return f"<Job {self.context.request_id} {self.endpoint.operation.name} {state}>"


class Runtime:
    """Serves one service from one broker, in this event loop."""

    def __init__(self, service: Service, broker: Broker, *, callers: CallerKeys = UNSIGNED) -> None:
        """Hold calls against the service's own keys, or else against ``callers``."""
        self.service = service
        self._verifier = (callers if service.callers is None else service.callers).verifier()
        self.stats = Stats()
        self._broker = broker
        self._dialect = dialect(
            service.dialect, takes_all=service.work.takes_all, bundle=service.bundle
        )
        self._letters = DeadLetters(service, broker, self.stats)
        self._outbox = Outbox(service, self._dialect, self.stats, self._letters)
        self._threads = Threads(service.name)
        self._starter = Starter[Job, Reply](
            on_end=self._ended, on_waiting=self._hear_waiting, soon=broker.soon
        )
        self._jobs: set[Job] = set()
        self._cancels = Cancels()
        # Delivered and not begun: when more is prefetched than may run, or while one is counted.
        self._waiting: deque[Delivery] = deque()
        # Nothing is begun meanwhile: what kills the worker now would leave copy and original.
        self._counting = False
        self._draining = False
        self._loop = asyncio.get_running_loop()
        self._subscription: Subscription | None = None

    def __repr__(self) -> str:
        state = "draining" if self._draining else "serving"
        return f"<Runtime {self.service.name} {state} {self.stats!r}>"

    async def start(self) -> None:
        """Declare the queues and begin to consume.

        Raises Fault ``broker_down`` when the broker is not connected.
        """
        await self._declare(self.service.work)
        await self._declare(self.service.dead_letters)
        await self._listen()
        self._subscription = await self._broker.consume(
            self.service.queue, self._on_delivery, prefetch=self.service.prefetch
        )

    async def drain(self, patience: float) -> None:
        """Take no more calls, give back what has not begun, finish what runs.

        When nobody else consumes, the calls that are left in the queue are finished too.

        After ``patience`` seconds what still runs is cancelled, and its callers are told
        ``worker_lost``. Never raises for what a broker or an operation does.
        """
        self._draining = True
        until = self._loop.time() + patience
        if self._subscription is not None:
            try:
                async with asyncio.timeout(patience):
                    await self._subscription.cancel()
            except (Fault, TimeoutError) as error:
                logs.bind(service=self.service.name).warning("could not stop consuming: {}", error)
        while self._waiting:
            self._give_back(self._waiting.popleft())
        last_call = LastCall(self._broker, self.service.queue)
        await last_call.serve(self._try_to_begin, self._give_back, self._room, until)
        await self._wait_for_jobs(until)
        await self._cut_off()
        await self._letters.finish(_LAST_WORDS)
        await last_call.close()
        self._starter.close()
        self._threads.close()

    async def _declare(self, queue: Queue) -> None:
        try:
            await self._broker.declare(queue)
        except Fault as fault:
            if fault.code == "no_route":
                # A node of the cluster is away. To serve without dead letters meanwhile is better
                # than not to serve; when it is the work queue's node, consuming fails next.
                logs.bind(service=self.service.name, queue=queue.name).warning(
                    "the queue is there and cannot be reached: {}", fault.detail
                )
                return
            if fault.code != "conflict":
                raise
            # An operator made it, with settings of his own: a quorum queue, say. He knows better.
            logs.bind(service=self.service.name, queue=queue.name).warning(
                "the queue is there with other settings, which stay: {}", fault.detail
            )
            await self._broker.declare(Queue(name=queue.name, passive=True))

    async def _listen(self) -> None:
        try:
            await self._broker.listen(cancel.topic(self.service.name), self._hear_cancel)
        except Fault as fault:
            if fault.code != "conflict":
                raise
            logs.bind(service=self.service.name).warning("no cancels will be heard: {}", fault)

    def _on_delivery(self, delivery: Delivery) -> None:
        if self._draining:
            self._give_back(delivery)
        elif len(self._jobs) < self.service.concurrency and not self._counting:
            self._try_to_begin(delivery)
        else:
            self._waiting.append(delivery)

    def _try_to_begin(self, delivery: Delivery) -> None:
        try:
            self._begin(delivery)
        except Exception as error:  # noqa: BLE001 - an unsettled delivery is a place lost
            logs.bind(service=self.service.name).exception("a delivery could not be begun")
            self._outbox.bury(delivery, Fault("worker_error", type(error).__name__))

    def _begin(self, delivery: Delivery) -> None:
        message = delivery.message
        lost = attempts(message, redelivered=delivery.redelivered)
        # Before it is even read: nobody knows by what it kills.
        if lost >= self.service.delivery_limit:
            killer = Fault("worker_lost", f"{lost} workers were lost with this message")
            self._outbox.bury(delivery, killer, DELIVERY_LIMIT)
            return
        if self._cancels and self._cancels.take(message.correlation_id):
            self.stats.cancelled += 1
            self._outbox.refuse(delivery, Fault(cancel.CODE, not_run=True))
            return
        try:
            call = self._dialect.call(message)
            statement = self._verifier.verify(call, message) if self._verifier else None
        except (Fault, Unverified) as error:
            self._turn_away(delivery, error)
            return
        # 0 asks the broker for "now or never" and says nothing about the time that is left.
        left = left_of(call.deadline, message.expiration_ms or None)
        if left <= 0:
            self.stats.expired += 1
            expired = Fault("deadline", "the deadline had passed before it began", not_run=True)
            self._outbox.refuse(delivery, expired)
            return
        endpoint = self.service.endpoints.get(call.operation)
        if endpoint is None:
            self._outbox.refuse(delivery, self._unknown(call))
            return
        if statement is not None:
            call = replace(call, caller=statement.caller)
        context = Context(call, left=left, redelivered=lost > 0, statement=statement)
        # Without somebody to tell, running it again is all that can be done for it.
        if lost and message.reply_to and not endpoint.may_repeat(context):
            unsafe = Fault("worker_lost", "a worker was lost with this call and may have run it")
            self._outbox.refuse(delivery, unsafe)
            return
        job = Job(delivery, context, endpoint)
        if delivery.redelivered and DELIVERY_COUNT not in message.headers:
            self._counting = True
            self._letters.count(delivery, lost, lambda fault: self._counted(job, fault))
        else:
            self._run(job)

    def _counted(self, job: Job, fault: Fault | None) -> None:
        self._counting = False
        if fault is not None and self._draining:
            self._give_back(job.delivery)
        elif fault is not None and fault.code != "broker_down":
            # Its queue takes no copy, being full perhaps. To run it uncounted empties the queue.
            self._run(job)
        self._begin_waiting()

    def _run(self, job: Job) -> None:
        self._jobs.add(job)
        self.stats.calls += 1
        self.stats.in_flight += 1
        self._starter.start(job.endpoint.answer(job.context, self._threads), job)

    def _hear_waiting(self, job: Job, task: asyncio.Task[None]) -> None:
        """Watch the deadline of an operation that waits; one that does not needs no timer."""
        job.task = task
        if job.context.cancelled:
            # Before it had a task to be cancelled by.
            self._cancel(job)
            return
        if job.context.deadline or job.delivery.message.expiration_ms:
            job.timer = self._loop.call_later(max(0.0, job.context.left), self._overrun, job)

    def _ended(self, job: Job, reply: Reply | None) -> None:
        """Answer with what the operation gave, and settle; ``None``: it was cut off, or failed."""
        try:
            self._answer(job, reply or Reply.of_fault(Fault("worker_error")))
        except Exception:
            job.context.logger.exception("the reply makes no message")
            job.answered = False
            self._answer(job, Reply.of_fault(Fault("worker_error")))
        finally:
            self._end(job)

    def _answer(self, job: Job, reply: Reply) -> None:
        if not job.answered:
            job.answered = True
            self._outbox.answer(job.delivery, reply, job.context)

    def _end(self, job: Job) -> None:
        """Settle the delivery and let the next one begin."""
        if job.settled:
            return
        job.settled = True
        if job.timer is not None:
            job.timer.cancel()
        self._jobs.discard(job)
        self.stats.in_flight -= 1
        self._letters.settle(job.delivery)
        if self._waiting:
            self._begin_waiting()

    def _begin_waiting(self) -> None:
        free = self.service.concurrency
        while self._waiting and not (self._draining or self._counting) and len(self._jobs) < free:
            self._begin(self._waiting.popleft())

    def _hear_cancel(self, message: Message) -> None:
        """Stop the call that nobody waits for any more, or never begin it."""
        heard = cancel.read(message)
        if heard is None:
            return
        for job in self._jobs:
            if job.delivery.message.correlation_id == heard.correlation_id:
                if job.answered:
                    return
                if job.context.left < _NEARLY:
                    # The gateway's clock was first: an operation that is too slow all the same.
                    self._overrun(job)
                    return
                self.stats.cancelled += 1
                job.context.logger.info("cancelled: nobody waits for the answer any more")
                self._stop(job, Fault(cancel.CODE))
                return
        self._cancels.remember(heard)

    def _overrun(self, job: Job) -> None:
        """Answer at the deadline, and stop what can be stopped."""
        self.stats.overrun += 1
        job.context.logger.warning("the operation was not done at its deadline")
        self._stop(job, Fault("deadline"))

    def _stop(self, job: Job, fault: Fault) -> None:
        """Answer now; a coroutine is cancelled, a plain function can only be told."""
        job.context.cancelled = True
        self._answer(job, Reply.of_fault(fault))
        if job.endpoint.is_async:
            self._cancel(job)

    def _cancel(self, job: Job) -> None:
        if job.task is not None:
            job.task.cancel()

    async def _room(self, until: float) -> bool:
        """Wait until one more may begin; false when there is no time for it."""
        while self._counting or len(self._jobs) >= self.service.concurrency:
            left = until - self._loop.time()
            if left <= 0:
                return False
            tasks = [job.task for job in self._jobs if job.task is not None]
            if tasks and not self._counting:
                await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            else:
                await asyncio.sleep(_TURN)
        return True

    async def _wait_for_jobs(self, until: float) -> None:
        await self._starter.started()
        tasks = [job.task for job in self._jobs if job.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=max(0.0, until - self._loop.time()))

    async def _cut_off(self) -> None:
        jobs = list(self._jobs)
        for job in jobs:
            if not job.answered:
                self.stats.lost += 1
                job.context.logger.error("the operation was cut off: the worker had to leave")
                if not job.delivery.message.reply_to:
                    # With nobody to tell, another worker has to run it again.
                    job.answered = True
                    job.delivery.reject(requeue=True)
                    self._cancel(job)
                    continue
                self._answer(job, Reply.of_fault(Fault("worker_lost", "the worker had to leave")))
            self._cancel(job)
        tasks = [job.task for job in jobs if job.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS)
        for job in jobs:
            self._end(job)

    def _give_back(self, delivery: Delivery) -> None:
        self.stats.returned += 1
        self._outbox.give_back(delivery)

    def _turn_away(self, delivery: Delivery, error: Fault | Unverified) -> None:
        """Refuse what makes no call, or does not prove who makes it: perhaps no gateway's."""
        if isinstance(error, Fault):
            self.stats.malformed += 1
            self._outbox.bury(delivery, error)
            return
        self.stats.unverified += 1
        logs.bind(request_id=delivery.message.message_id, queue=delivery.queue).warning(
            "a call is refused: {}", error
        )
        self._outbox.refuse(delivery, Fault("forbidden", "the call does not prove who makes it"))

    def _unknown(self, call: Call) -> Fault:
        logs.bind(request_id=call.id, route=call.route).warning(
            "{} has no operation {!r}", self.service.name, call.operation
        )
        return Fault("unknown_operation")
