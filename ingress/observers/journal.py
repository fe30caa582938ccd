"""Hands finished Flows to the journal: those of routes that ask for it."""

import random
from collections.abc import Callable

from ingress.flow import Flow


class Journaling:
    """Passes finished Flows on, or not: a route may be off, or want a sample only.

    ``keep`` must not wait. ``unmatched`` says whether requests that met no route are wanted.
    """

    def __init__(self, keep: Callable[[list[Flow]], None]) -> None:
        self._keep = keep
        self.unmatched = False

    def __call__(self, flow: Flow) -> None:
        """Hand one Flow over."""
        self.many([flow])

    def many(self, flows: list[Flow]) -> None:
        """Hand over what ended in one turn of the event loop."""
        wanted = [flow for flow in flows if self._wants(flow)]
        if wanted:
            self._keep(wanted)

    def _wants(self, flow: Flow) -> bool:
        plan = flow.plan
        if plan is None:
            return self.unmatched
        recording = plan.journal
        if recording is None:
            return False
        # By chance, and not by the request id: that is the client's to choose.
        return recording.sample >= 1 or random.random() < recording.sample  # noqa: S311 - no secret

    def __repr__(self) -> str:
        return f"<Journaling {'with' if self.unmatched else 'without'} what met no route>"
