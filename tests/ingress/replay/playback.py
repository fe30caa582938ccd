"""Items to replay, and a sink that does as the test says."""

import asyncio
from collections.abc import Callable
from typing import Any

from ingress.compare.answer import Answer
from ingress.replay.item import Item
from ingress.replay.sinks.port import Sent


def item(number: int = 0, **fields: Any) -> Item:
    """Make an item whose original came ``number`` milliseconds after the first."""
    unsafe = fields.get("method", "GET") == "POST" and not fields.get("headers")
    return Item(
        **{
            "safe": not unsafe,
            "place": f"p-{number}",
            "original": f"r-{number}",
            "started": 1_764_000_000_000 + number,
            "route": "GET /orders/{id}",
            "operation": "orders.get",
            "method": "GET",
            "path": f"/orders/{number}",
            "before": Answer(status=200),
            **fields,
        }
    )


class FakeSink:
    """Answers with what ``reply`` gives for an item, 200 without one; ``gate`` holds it back."""

    name = "fake"

    def __init__(self, reply: Callable[[Item], Answer | Sent] | None = None) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.most = 0
        self.times: list[float] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._reply = reply
        self._now = 0

    async def send(self, item: Item, run: str) -> Sent:
        self.begun.append(item.original)
        self.times.append(asyncio.get_running_loop().time())
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
        finally:
            self._now -= 1
        self.ended.append(item.original)
        answer = self._reply(item) if self._reply else Answer(status=200, seconds=0.001)
        return answer if isinstance(answer, Sent) else Sent(answer, f"new-{item.original}")

    async def close(self) -> None:
        pass
