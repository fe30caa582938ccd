"""A load balancer as small as it can be: who is ready gets requests."""

import asyncio
from collections.abc import Sequence
from typing import Final, Self

from tests.acceptance.stage import GatewayProcess

# Seconds between two looks; a gateway's drain delay must be longer.
_EVERY: Final = 0.3


class Balancer:
    """Asks each gateway's ``/readyz`` again and again; `ports` are those of the ready ones."""

    def __init__(self, gateways: Sequence[GatewayProcess]) -> None:
        self._gateways = gateways
        self._ready = {gateway.port for gateway in gateways}
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"<Balancer {sorted(self._ready)}>"

    def ports(self) -> list[int]:
        """Give the ports that requests may go to; all of them when none is ready."""
        return sorted(self._ready) or [gateway.port for gateway in self._gateways]

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        while True:
            for gateway in self._gateways:
                if await gateway.is_ready():
                    self._ready.add(gateway.port)
                else:
                    self._ready.discard(gateway.port)
            await asyncio.sleep(_EVERY)
