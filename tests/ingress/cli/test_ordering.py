import asyncio
import json
from pathlib import Path

import pytest
import typer

from contracts.brokers.port import Broker
from ingress.cli import ordering
from ingress.cli.ordering import Ordering
from ingress.dlq import OnStep, Order, Tally
from ingress.letters import Filter
from tests.ingress.graveyard import dead, graveyard


def test_an_order_for_everything_has_to_say_so() -> None:
    """Without a filter ``--all`` is needed; sending letters to where they are makes no sense."""
    ordering.check(Order(filter=Filter(reason="expired")), "q", every=False)
    ordering.check(Order(), "q", every=True)
    for wrong in (Order(), Order(filter=Filter(ids=("1",)), to="q")):
        with pytest.raises(typer.BadParameter):
            ordering.check(wrong, "q", every=False)


def test_dropping_is_asked_for_where_somebody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be asked in a script: there it takes ``--yes``, or a dry run."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    ordering.may_drop(yes=True, dry_run=False)
    ordering.may_drop(yes=False, dry_run=True)
    with pytest.raises(typer.BadParameter):
        ordering.may_drop(yes=False, dry_run=False)


@pytest.mark.parametrize("answer", [True, False])
async def test_the_question_says_how_many(monkeypatch: pytest.MonkeyPatch, *, answer: bool) -> None:
    """Before letters are dropped their number is told and a yes is waited for."""
    asked: list[str] = []

    def confirm(question: str) -> bool:
        asked.append(question)
        return answer

    monkeypatch.setattr(typer, "confirm", confirm)
    async with graveyard(dead("1"), dead("2", "expired")) as (broker, _):
        order = Order(filter=Filter(reason="expired"))
        assert await ordering.ask_first(broker, "shop.dead", order) is answer
        assert asked == ["Drop 1 of the 2 dead letters of shop.dead for good?"]
        nothing = Order(filter=Filter(reason="none"))
        assert await ordering.ask_first(broker, "shop.dead", nothing)
        assert len(asked) == 1


async def test_an_interrupted_order_is_written_down_too(tmp_path: Path) -> None:
    """Ctrl-C leaves a line that says how far it got."""
    file = tmp_path / "audit.jsonl"

    async def interrupted(
        _: Broker, __: str, ___: Order, ____: OnStep | None, tally: Tally | None
    ) -> Tally:
        assert tally is not None
        tally.done = 3
        raise asyncio.CancelledError

    work = Ordering("requeue", "requeued", interrupted, file)
    async with graveyard(dead("1")) as (broker, _):
        with pytest.raises(asyncio.CancelledError):
            await work.run(broker, "shop.dead", Order(), as_json=False)
    last = json.loads(file.read_text().splitlines()[-1])
    assert (last["event"], last["done"], last["stopped"]) == ("ended", 3, "CancelledError")
