"""The composition root: puts the parts of one gateway process together.

Nothing here decides anything about a request. It makes the parts, passes them
to each other, starts them in the order in which they need each other, and
stops them in reverse.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import msgspec

from contracts import stores
from contracts.brokers.port import Broker, State
from contracts.fault import Fault
from contracts.lag import Heartbeat, report
from contracts.logs import Format, Logger
from ingress import (
    admin,
    admin_consumers,
    admin_dlq,
    admin_guard,
    admin_journal,
    admin_limits,
    admin_maintenance,
    routefile,
    sanic_app,
)
from ingress.accept import Acceptor
from ingress.admin_guard import Access
from ingress.attendance import Attendance
from ingress.auth.forward.asker import Asker
from ingress.auth.reception import Reception
from ingress.caching import Caching
from ingress.compile import compile_plans, compile_strangers
from ingress.dispatch import Dispatch
from ingress.dlq import queues_of
from ingress.edge import Edge
from ingress.flow import Flow, Observer
from ingress.guard.entrance import Entrance
from ingress.guard.guard import Guard
from ingress.guard.limits import IMPATIENT
from ingress.journal import opening
from ingress.journal.journal import Dispatcher, Journal, open_store
from ingress.journal.record import JournalError
from ingress.journal.sections import JournalSection
from ingress.limit import Limits
from ingress.limits.meter import Meter
from ingress.limits.opening import open_meter
from ingress.maintenance.closures import Closures
from ingress.mirror.mirrors import Mirrors
from ingress.observers import metrics
from ingress.observers.journal_metrics import JournalMetrics
from ingress.observers.limits_metrics import LimitsMetrics
from ingress.observers.log import RequestLog
from ingress.pipeline import Pipeline
from ingress.plan import Plan, every, holders
from ingress.problems import ConfigError
from ingress.replay.mark import Marks
from ingress.routefile import RouteFile
from ingress.router import Router
from ingress.rpc import Rpc
from ingress.server import Server

# Seconds that the broker has to be there before the public port answers without it.
_HEAD_START: Final = 1.0
# Seconds for the requests that are on the way when no more are accepted.
_LAST_CALL: Final = 0.2
# Seconds for the answers that are being written when the sockets are to close.
_LAST_WORDS: Final = 1.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a gateway is run; what it serves is in the route file.

    Ports of 0 take a free one. ``drain_delay`` is how long the gateway goes
    on to accept after its readiness went off, in seconds, for load balancers
    to notice; ``drain_timeout`` is how long calls in flight may then take.
    """

    config: Path = Path("gateway.yaml")
    broker: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    admin_host: str = "127.0.0.1"
    admin_port: int = 8001
    processes: int = 1
    drain_delay: float = 0.0
    drain_timeout: float = 30.0
    log_format: Format = "text"
    log_level: str = "INFO"


class Gateway:
    """One gateway process: edge, admin port, broker client."""

    def __init__(self, settings: Settings, broker: Broker, logger: Logger) -> None:
        """Read and compile the route file; raises ``ConfigError``."""
        self._settings = settings
        self._broker = broker
        self._log = logger
        self._draining = False
        self._plans: tuple[Plan, ...] = ()
        # What the broker's state is due to, as it was told last.
        self._why = ""
        self._metrics = metrics.Metrics()
        self._request_log = RequestLog(settings.log_format)
        self._attendance = Attendance(broker, self._on_look)
        self._deserted: set[str] = set()
        self._caching = Caching(logger)
        self._shared: dict[str, Any] = {"watch": self._attendance, "shedding": Limits()}
        self._shared["usage"] = self._metrics.versioned
        self._shared["mirrors"] = Mirrors(broker, self._metrics.mirrored)
        self._store: stores.Store | None = None
        self._meter: Meter | None = None
        self._access = Access()
        self._rpc = Rpc(broker, on_stray=self._metrics.dropped)
        self._asker = Asker(self._rpc)
        self._reception = Reception(self._tell, self._asker)
        self._dispatch = Dispatch(
            self._rpc, acceptor=Acceptor(broker), on_breaker_change=self._on_breaker
        )
        self._journal: Journal | None = None
        self._guard = Guard(
            settings.config.parent, lambda level, text: self._log.log(level, "{}", text)
        )
        router = self._adopt(routefile.load(settings.config))
        observers: list[Observer] = [self._request_log, self._metrics]
        observers.append(LimitsMetrics(self._metrics.registry))
        dispatch: Dispatcher = self._dispatch
        if self._route_file.journal != "off":
            self._journal = self._open_journal(self._route_file.journal)
            observers.append(self._journal.observe)
            dispatch = self._journal.guard(dispatch)
        pipeline = Pipeline(dispatch, report=self._on_crash)
        self._edge = Edge(router, pipeline, observers)
        self._edge.marks = self._marks
        self._admin_app = admin.build(
            self._checks, self._metrics.scrape, metrics.CONTENT_TYPE, self._about
        )
        admin_guard.add(self._admin_app, self._access)
        self._closures = Closures(self._edge, self._shared["store"], self._tell)
        self._caching.serve(pipeline.run, self._admin_app, self._metrics)
        self._add_admin_routes()
        self._servers: list[Server] = []
        self._heart: Heartbeat | None = None

    def _add_admin_routes(self) -> None:
        app = self._admin_app
        admin_consumers.add_routes(app, self._reception.office)
        admin_dlq.add_routes(app, self._broker, lambda: queues_of(every(self._edge.router.plans)))
        admin_limits.add_routes(
            app,
            self._shared["meter"],
            lambda: admin_limits.limits_of(self._edge.router.plans),
            self._tell,
        )
        admin_maintenance.add_routes(app, self._closures)
        if self._journal is not None:
            opened = partial(
                opening.of_route_file,
                self._route_file,
                self._settings.config.parent,
                broker=self._settings.broker,
            )
            admin_journal.add_routes(app, opened)

    async def start(self, public: socket.socket, private: socket.socket) -> None:
        """Serve. The broker need not be there: until it is, we are not ready."""
        self._broker.watch(self._on_broker)
        self._metrics.broker(self._broker.state)
        self._broker.start()
        self._heart = Heartbeat(self._on_beat)
        self._caching.start()
        if self._journal is not None:
            self._journal.start()
        await self._reception.start()
        await self._closures.start()
        # The admin port first, so that a start can be watched.
        side_door = Entrance(IMPATIENT)
        await self._serve(Server(self._admin_app, private, entrance=lambda: side_door))
        # A process that takes the place of another would else refuse what the others could answer.
        with suppress(Fault):
            await self._broker.ready(_HEAD_START)
        await self._serve(self._public(public))
        self._log.bind(version=version("queuegate"), routes=len(self._edge.router.plans)).info(
            "serving on {}, admin on {}", _url(public, self._guard.scheme), _url(private)
        )

    def _public(self, sock: socket.socket) -> Server:
        guard = self._guard
        return Server(
            sanic_app.build(self._edge), sock, self._edge, lambda: guard.entrance, guard.context
        )

    async def _serve(self, server: Server) -> None:
        await server.start()
        self._servers.append(server)

    async def stop(self) -> None:
        """Drain: readiness off, accept a while, finish what is in flight, leave."""
        settings = self._settings
        self._draining = self._edge.draining = True
        self._log.info("draining: {} requests in flight", self._edge.in_flight)
        await asyncio.sleep(settings.drain_delay)
        private, public = self._servers
        await public.last_call(_LAST_CALL)
        public.refuse_more()
        if not await self._edge.drain(settings.drain_timeout):
            late = self._edge.in_flight
            self._log.warning("{} requests did not end in {} s", late, settings.drain_timeout)
        # Whoever still waits hears of it now, before the connections close.
        await self._broker.close()
        await public.stop(_LAST_WORDS)
        await private.stop(_LAST_WORDS)
        if self._heart is not None:
            self._heart.stop()
        await self._caching.stop()
        await self._closures.stop()
        await self._reception.stop()
        if self._meter is not None:
            await self._meter.close()
        if self._store is not None:
            await self._store.close()
        self._attendance.close()
        if self._journal is not None and not await asyncio.to_thread(self._journal.stop):
            self._log.warning("the journal could not be written to its end: {}", self._journal)
        self._request_log.flush()
        self._metrics.flush()
        self._log.info("stopped")

    async def reload(self) -> None:
        """Read the route file again; if it is wrong, keep what we have.

        One at a time. The reading takes long, so a thread does it.
        """
        try:
            router = self._adopt(await asyncio.to_thread(routefile.load, self._settings.config))
        except ConfigError as error:
            self._metrics.reloaded(ok=False)
            self._log.error("reload refused, the old routes stay")
            for problem in error.problems:
                self._log.error("{}", problem)
            return
        self._edge.marks = self._marks
        self._closures.adopt(router)
        self._metrics.reloaded(ok=True)
        self._log.info("reloaded {}", self._settings.config)

    def _adopt(self, route_file: RouteFile) -> Router:
        if self._store is None:
            self._store = stores.open_store(route_file.store, self._settings.config.parent)
            self._shared["store"] = self._store
            self._meter = open_meter(self._store, route_file.store, self._settings.config.parent)
            self._shared["meter"] = self._meter
        elif route_file.store != self._route_file.store:
            self._log.warning("another store is used when the gateway is started again")
        folder = self._settings.config.parent
        self._asker.services = route_file.services or {}
        self._shared |= self._reception.adopt(route_file, folder, self._store)
        self._access.adopt(route_file.admin, route_file.document, self._tell)
        self._shared["shelf"] = self._caching.open(
            route_file, self._store, self._settings.processes
        )
        plans = compile_plans(route_file, self._plans, self._shared)
        self._marks = Marks(route_file.replay.key if route_file.replay else "")
        url = self._settings.broker or route_file.broker
        quotas = any(limit.quotas for limit in route_file.limits.values())
        if quotas and route_file.store.startswith("memory:"):
            self._log.warning("quotas are forgotten when this gateway stops: name another `store`")
        signed = any("signature" in one.kinds for one in (route_file.auth or {}).values())
        if signed and self._settings.processes > 1 and route_file.store.startswith("memory:"):
            self._log.warning("each process takes a signed request once: name another `store`")
        if url.startswith("memory:") and any(plan.accept for plan in plans):
            self._log.warning("what memory:// accepts is lost when this process ends")
        self._guard.take(route_file)
        self._plans = plans
        self._route_file: RouteFile = route_file
        if self._journal is not None and not self._journal.adopt(route_file):
            self._log.warning("the journal's own settings change when the gateway is started again")
        self._dispatch.adopt(every(plans))
        for name, breaker in self._dispatch.breakers().items():
            # From the start, so that an alert has something to look at.
            self._metrics.breaker(name, breaker.state)
        return Router(plans, compile_strangers(route_file))

    def _open_journal(self, section: JournalSection) -> Journal:
        broker = self._settings.broker or self._route_file.broker
        try:
            store = open_store(section, self._settings.config.parent, broker)
        except JournalError as error:
            problem = self._route_file.document.problem(("journal", "store"), str(error))
            raise ConfigError([problem]) from None
        return Journal(
            self._route_file,
            store,
            meter=JournalMetrics(self._metrics.registry),
            report=self._tell,
        )

    def _checks(self) -> Mapping[str, admin.Check]:
        state = self._broker.state
        return {
            "broker": admin.Check(
                state is State.UP, ": ".join(filter(None, (state.value, self._why)))
            ),
            "draining": admin.Check(
                not self._draining, "draining" if self._draining else "serving"
            ),
        }

    def _about(self) -> Mapping[str, Any]:
        return {
            "service": "queuegate",
            "version": version("queuegate"),
            "config": str(self._settings.config),
            "in_flight": self._edge.in_flight,
            "connections": self._guard.crowd.size,
            "pending": self._rpc.pending,
            "breakers": {
                name: breaker.state for name, breaker in self._dispatch.breakers().items()
            },
            "held": [
                {"route": route, "policy": policy.name, **policy.held()}
                for route, policy in holders(self._plans)
                if policy.held()
            ],
            "consumers": self._attendance.counts(),
        }

    def _tell(self, level: str, text: str) -> None:
        self._log.log(level, "{}", text)

    def _on_broker(self, state: State, reason: str) -> None:
        self._metrics.broker(state)
        self._why = reason
        if self._draining:
            return  # we are the ones who leave
        level = "INFO" if state is State.UP else "WARNING"
        self._log.log(level, "broker is {}{}", state.value, f": {reason}" if reason else "")

    def _on_look(self, queue: str, consumers: int) -> None:
        self._metrics.consumers(queue, consumers)
        if consumers:
            if queue in self._deserted:
                self._deserted.remove(queue)
                self._log.info("somebody consumes from the queue {} again", queue)
            return
        if queue not in self._deserted:
            self._deserted.add(queue)
            self._log.warning("nobody consumes from the queue {}", queue)
        self._rpc.deserted(queue)

    def _on_beat(self, late: float, worked: float) -> None:
        self._metrics.loop_lag(late)
        self._guard.look()
        for route, policy in holders(self._plans):
            self._metrics.held(route, policy.name, policy.held())
        self._caching.pour()
        # Another process may be the one that is scraped.
        self._metrics.flush()
        report(late, worked)

    def _on_breaker(self, route: str, _before: str, state: str) -> None:
        self._metrics.breaker(route, state)
        level = "INFO" if state == "closed" else "WARNING"
        self._log.bind(route=route).log(level, "circuit of {} is {}", route, state)

    def _on_crash(self, flow: Flow, error: BaseException) -> None:
        log = self._log.bind(request_id=flow.call.id, route=flow.route)
        log.opt(exception=error).error("the gateway failed: the request is refused")


def _url(sock: socket.socket, scheme: str = "http") -> str:
    host, port = sock.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
