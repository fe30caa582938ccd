"""Carries out an order on dead letters, as one command: asked, followed, audited."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import typer

from contracts import logs
from contracts.brokers.port import Broker
from contracts.fault import Fault
from ingress import dlq
from ingress.audit import Audit, os_user
from ingress.cli.lettered import Follow
from ingress.dlq import OnStep, Order, Tally
from ingress.letters import Filter, parse_headers

Carry = Callable[[Broker, str, Order, OnStep | None, Tally | None], Awaitable[Tally]]


def filter_of(headers: list[str] | None, ids: list[str] | None, **parts: object) -> Filter:
    """Make the filter that the options ask for."""
    try:
        pairs = parse_headers(headers or [])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--header") from None
    return msgspec.convert({**parts, "ids": tuple(ids or ()), "headers": pairs}, Filter)


def check(order: Order, queue: str, *, every: bool) -> None:
    """Refuse an order that nobody can have meant (exit 2)."""
    if not (order.filter.selects or every):
        raise typer.BadParameter("which letters? Give a filter, --id, or --all", param_hint="--all")
    if order.to == queue:
        raise typer.BadParameter("that is where they are", param_hint="--to")


def may_drop(*, yes: bool, dry_run: bool) -> None:
    """Refuse to drop without being told to, where nobody can be asked (exit 2)."""
    if not (yes or dry_run or sys.stdin.isatty()):
        raise typer.BadParameter("nobody can be asked here, so --yes is needed", param_hint="--yes")


class Ordering:
    """One order: its past tense, how it is carried out, and where it is written down."""

    def __init__(self, action: str, past: str, carry: Carry, file: Path | None) -> None:
        logs.configure()
        self._action = action
        self._past = past
        self._carry = carry
        self._audit = Audit(os_user(), file)

    def __repr__(self) -> str:
        return f"<Ordering {self._action} {self._audit!r}>"

    async def run(self, broker: Broker, queue: str, order: Order, *, as_json: bool) -> int:
        """Carry the order out; gives the exit code. Raises Fault ``no_route`` for no queue."""
        await must_be_there(broker, queue)
        if order.to:
            await must_be_there(broker, order.to)
        tally = Tally()
        follow = Follow(self._past, as_json=as_json)
        self._audit.begun(self._action, queue, order)
        try:
            with follow as on_step:
                await self._carry(broker, queue, order, on_step, tally)
        except BaseException as error:
            tally.stopped = tally.stopped or str(error) or type(error).__name__
            raise
        finally:
            self._audit.ended(self._action, queue, order, tally)
        follow.conclude(queue, order, tally)
        return 1 if tally.failed or tally.stopped else 0


async def ask_first(broker: Broker, queue: str, order: Order) -> bool:
    """Tell how many letters an order is about to drop, and ask."""
    await must_be_there(broker, queue)
    trial = await dlq.drop(broker, queue, msgspec.structs.replace(order, dry_run=True))
    if not trial.fitting:
        return True
    which = f"{trial.fitting} of the {trial.total} dead letters of {queue}"
    return typer.confirm(f"Drop {which} for good?")


async def must_be_there(broker: Broker, queue: str) -> None:
    """Raise Fault ``no_route`` when there is no such queue."""
    if await broker.stats(queue) is None:
        raise Fault("no_route", f"there is no queue {queue}")
