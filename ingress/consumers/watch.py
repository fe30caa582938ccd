"""Tells the directory what has changed in the Store, so that no request has to ask."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from contracts.fault import Fault
from ingress.consumers.directory import Directory
from ingress.consumers.roster import Roster

PAUSE: Final = 1.0
"""Seconds between two looks: so long a key may serve after it was withdrawn."""

_FLUSH: Final = 10.0
"""Seconds between two writes of last uses."""

# Says something to people: a level, and a sentence.
Report = Callable[[str, str], None]


class Watch:
    """Reads the roster into the directory whenever it has changed.

    While the Store is away the directory keeps what it has.
    """

    def __init__(
        self, roster: Roster, directory: Directory, report: Report, *, pause: float = PAUSE
    ) -> None:
        self._roster = roster
        self._directory = directory
        self._report = report
        self._pause = pause
        self._seen = -1
        self._well = True
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read for the first time, and go on; a Store that is away is asked again."""
        self._directory.complete = False
        await self.look()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Write the last uses down, and end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            with contextlib.suppress(Fault):
                await self._flush()

    async def look(self) -> None:
        """Take over what has changed, if anything has."""
        try:
            generation = await self._roster.generation()
            if generation != self._seen:
                # Asked before it is read: what is written meanwhile is read again.
                self._directory.learn(await self._roster.load())
                self._seen = generation
                self._tell_of_strangers()
        except Fault as fault:
            if self._well:
                self._report("WARNING", f"consumers cannot be read from the store: {fault.detail}")
            self._well = False
            return
        self._directory.complete = self._well = True

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + _FLUSH
        while True:
            await asyncio.sleep(self._pause)
            await self.look()
            if loop.time() >= due:
                due = loop.time() + _FLUSH
                with contextlib.suppress(Fault):
                    await self._flush()

    async def _flush(self) -> None:
        used, self._directory.used = self._directory.used, {}
        if used:
            await self._roster.note_used(used)

    def _tell_of_strangers(self) -> None:
        digests = self._directory.digests
        lost = sum(not digests.knows(key.secret) for key in self._directory.known[1].keys)
        if lost:
            text = f"{lost} keys in the store need a secret that is not among `keys.secrets`"
            self._report("WARNING", text)

    def __repr__(self) -> str:
        return f"<Watch of {self._directory!r}>"
