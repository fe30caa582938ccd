"""What a run is asked to do: kept with the run, so that it can go on with the same words."""

from typing import Any, Final

import msgspec

from ingress.journal.filter import Filter
from ingress.replay import pace
from ingress.replay.pace import Pace

JOURNAL: Final = "journal"
"""The source that is the journal of the route file."""


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A replay as it was asked for.

    ``source`` is ``journal``, the absolute path of a HAR file, or ``dlq:QUEUE``. ``wanted`` are the
    records of it that are meant. One of ``to`` (a URL), ``direct``, ``queue`` and ``exchange`` says
    where the calls go. ``rate`` is calls a second, ``timeout`` seconds. ``allow`` are reasons that
    are let pass. ``supplied`` names the headers that the operator gave: their values are kept
    nowhere. ``skip`` leaves out what other runs have sent to the same target.
    """

    source: str = JOURNAL
    wanted: Filter = Filter()
    limit: int | None = None
    to: str = ""
    direct: bool = False
    queue: str = ""
    exchange: str = ""
    routing_key: str = ""
    speed: float | None = None
    rate: float | None = None
    key: str = ""
    concurrency: int = 16
    timeout: float | None = None
    allow: tuple[str, ...] = ()
    supplied: tuple[str, ...] = ()
    skip: bool = False

    @property
    def targets(self) -> int:
        """How many targets it names: one is right."""
        return sum(map(bool, (self.to, self.direct, self.queue, self.exchange)))

    @property
    def pace(self) -> Pace:
        """When calls are due; raises ``ValueError`` for a speed and a rate at once."""
        return pace.of(speed=self.speed, per_second=self.rate)

    def as_dict(self) -> dict[str, Any]:
        """Give it as plain values, as it is kept."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Order":
        """Read what :meth:`as_dict` gave. Raises ``ValueError`` for what an older one wrote."""
        return msgspec.convert(values, cls)
