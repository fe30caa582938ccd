"""Carries out one run, or the rest of one: looked at first, followed, told."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import typer

from contracts import heap, loop
from contracts.fault import Fault
from ingress.cli import compared, following, interrupt, played, screen
from ingress.cli.replay_letters import DLQ, dead_letters
from ingress.cli.replay_place import Place
from ingress.compare.report import document
from ingress.compare.rules import Rules
from ingress.journal.record import Record
from ingress.problems import without_password
from ingress.replay import assemble, header, pairs
from ingress.replay.assemble import UsageError
from ingress.replay.engine import Tally
from ingress.replay.hidden import Hiding
from ingress.replay.item import Item, Pairs
from ingress.replay.order import Order
from ingress.replay.runs import Run, Runs
from ingress.replay.source import settled
from ingress.replay.survey import Survey, survey, without_replayed

NOTHING: Final = 3
"""The exit code when no record is meant: in a script that is neither success nor failure."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for besides the order itself: nothing of it is kept with the run.

    ``compare`` are the rules of a comparison at the end, ``None`` for no comparison.
    """

    supplied: tuple[str, ...] = ()
    again: bool = False
    retry_unknown: bool = False
    dry_run: bool = False
    as_json: bool = False
    compare: Rules | None = None
    html: Path | None = None


class Playing:
    """Plays runs that are found, and written down, at a place."""

    def __init__(self, place: Place, runs: Runs, wish: Wish) -> None:
        self._place = place
        self._runs = runs
        self._wish = wish

    def __repr__(self) -> str:
        return f"<Playing {self._runs!r}>"

    def begin(self, order: Order, name: str) -> int:
        """Start a run; gives the exit code. Raises ``UsageError`` for what cannot be meant."""
        names = tuple(dict.fromkeys(name for name, _ in self._supplied()))
        order = msgspec.structs.replace(order, wanted=settled(order.wanted), supplied=names)
        target = self._target(order)
        run = name or f"{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(2).hex()}"
        with self._items(order, target, run) as items:
            return self._begin(order, target, run, items)

    def _begin(
        self, order: Order, target: str, run: str, items: Callable[[], Iterable[Item]]
    ) -> int:
        found, kept = survey(items(), None if order.skip else self._runs, target)
        if not found.total:
            typer.echo("queuegate: nothing to replay: no record fits", err=True)
            return NOTHING
        if self._wish.dry_run:
            return self._tell(found, target)
        self._check(found, order)
        begun = Run(
            run=run,
            started=time.time_ns() // 1_000_000,
            source=order.source,
            target=target,
            total=found.total,
            settings=order.as_dict(),
        )
        self._runs.begin(begun)
        return self._play(begun, order, kept or items(), found)

    def resume(self, name: str) -> int:
        """Go on with a run; gives the exit code. Raises ``RunsError``, ``UsageError``."""
        run = self._runs.get(name)
        try:
            order = Order.of(run.settings)
        except ValueError as error:
            raise UsageError(f"run {name} was begun by another version: {error}") from None
        given = {key for key, _ in self._supplied()}
        if missing := ", ".join(sorted(set(order.supplied) - given)):
            raise UsageError(f"it was begun with --set-header for {missing}: give it again")
        with self._items(order, run.target, name) as items:
            return self._play(run, order, items(), None)

    def _target(self, order: Order) -> str:
        if self._wish.dry_run and not order.targets:
            return ""
        uses_broker = order.targets == 1 and not order.to
        return assemble.target_of(order, self._place.broker if uses_broker else "")

    def _check(self, found: Survey, order: Order) -> None:
        """Refuse what nobody can have meant."""
        if found.replayed and not (self._wish.again or order.skip):
            raise UsageError(
                f"{found.replayed.total()} of these {found.total} calls were sent to this target"
                f" before, by run {', '.join(found.replayed)}:"
                " --again sends them again, --skip-replayed leaves them out"
            )
        if not found.sendable:
            played.refusals(screen.err(), found.refused)
            raise UsageError(f"none of these {found.total} calls may be sent")

    @contextmanager
    def _items(self, order: Order, target: str, run: str) -> Iterator[Callable[[], Iterable[Item]]]:
        """Give what makes the items anew each time: they are gone through twice."""
        supplied = self._supplied()
        hide = Hiding(assemble.router_of(self._place.route_file))

        def items(records: Iterable[Record]) -> Iterable[Item]:
            made = assemble.items_of(records, order, supplied, hide)
            if not (order.skip and target):
                return made
            return without_replayed(made, self._runs, target, run)

        if order.source.startswith(DLQ):
            letters = dead_letters(self._place, order)
            yield lambda: items(letters)
        else:
            with assemble.source_of(order, self._place.reader) as records:
                yield lambda: items(records)

    def _supplied(self) -> Pairs:
        try:
            return header.supplied(self._wish.supplied, os.environ)
        except ValueError as error:
            raise UsageError(str(error)) from None

    def _play(self, run: Run, order: Order, items: Iterable[Item], found: Survey | None) -> int:
        broker = "" if order.to else self._place.broker
        try:
            tally, stopped = loop.run(self._send(run, order, items, broker))
        except Fault as fault:
            typer.echo(f"queuegate: {without_password(fault.detail or fault.title)}", err=True)
            return 1
        except asyncio.CancelledError:
            self._advise(f"queuegate replay resume {run.run}")
            return interrupt.CODE
        if not tally.stopped:
            self._runs.end(run.run)
        code = self._conclude(run, tally, found)
        return interrupt.CODE if stopped else code

    async def _send(
        self, run: Run, order: Order, items: Iterable[Item], broker: str
    ) -> tuple[Tally, bool]:
        router = assemble.router_of(self._place.route_file)
        sink = await assemble.open_sink(order, router, self._place.marks, broker)
        try:
            replay = assemble.replay_of(
                order, self._runs, run.run, sink, router, retry_unknown=self._wish.retry_unknown
            )
            # The items of a run are no garbage, and most of them are there already.
            heap.settle()
            heap.seldom()
            follow = partial(following.follow, quiet=self._wish.as_json)
            telling = asyncio.create_task(follow(replay.tally, screen.err()))
            with interrupt.interruptible(replay.stop) as told:
                try:
                    return await replay.play(items, run.total), bool(told)
                finally:
                    telling.cancel()
                    await asyncio.wait([telling])
        finally:
            await sink.close()

    def _conclude(self, run: Run, tally: Tally, found: Survey | None) -> int:
        wish = self._wish
        report = pairs.with_recorded(self._runs, run.run, wish.compare) if wish.compare else None
        if wish.as_json:
            told: dict[str, Any] = {"run": run.run, "target": run.target, **tally.as_dict()}
            screen.as_json(told | ({"comparison": document(report)} if report else {}))
        else:
            console = screen.out()
            played.tally(console, tally, run.run, run.target)
            played.refusals(console, found.refused if found else {})
            if report:
                compared.told(console, report)
        code = 1 if tally.failed or tally.unknown or tally.stopped else 0
        if report:
            compared.write_page(report, wish.html)
            code = code or compared.exit_code(report)
        if tally.stopped:
            self._advise(f"queuegate replay resume {run.run}")
        elif tally.unknown:
            self._advise(f"queuegate replay resume {run.run} --retry-unknown")
        return code

    def _tell(self, found: Survey, target: str) -> int:
        if self._wish.as_json:
            screen.as_json({"target": target, **found.as_dict()})
        else:
            played.survey(screen.out(), found, target)
        return 0

    @staticmethod
    def _advise(command: str) -> None:
        typer.echo(f"queuegate: go on with it by `{command}`", err=True)
