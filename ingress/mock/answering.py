"""Answers requests from recordings, in the place of dispatch."""

import asyncio
from typing import Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.flow import Flow
from ingress.mock.recordings import Recordings

HEADER: Final = "queuegate-mock"
"""Says which recorded request an answer is taken from."""

_US: Final = 1_000_000


class Mock:
    """Gives the Reply for a Flow; a :data:`~ingress.pipeline.Pipeline`'s dispatch.

    ``latency`` in seconds is how long each answer takes; ``None`` as long as it took once.
    """

    def __init__(self, recordings: Recordings, *, latency: float | None = 0.0) -> None:
        self._recordings = recordings
        self._latency = latency

    def __repr__(self) -> str:
        return f"<Mock {self._recordings!r}>"

    async def __call__(self, flow: Flow) -> Reply:
        """Answer as it was recorded, or with 404 that names the nearest recording."""
        call = flow.call
        request = (call.method, call.path, call.query)
        record = self._recordings.next(request, call.body)
        if record is None:
            return Reply.of_fault(self._unknown(request))
        latency = record.duration_us / _US if self._latency is None else self._latency
        if latency:
            await asyncio.sleep(latency)
        content = record.open
        headers = (*content.reply_headers, (HEADER, record.id))
        return Reply(status=record.status, headers=headers, body=content.reply_body)

    def _unknown(self, request: tuple[str, str, str]) -> Fault:
        method, path, query = request
        line, why = self._recordings.nearest(request)
        asked = f"{method} {path}?{query}" if query else f"{method} {path}"
        if not line:
            return Fault("not_found", f"nothing was recorded, so neither was {asked}")
        detail = f"{asked} was not recorded; the nearest is {line}: {why}"
        return Fault("not_found", detail, nearest=line)
