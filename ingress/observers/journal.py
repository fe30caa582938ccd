"""Hands finished Flows to the journal: those of routes that ask for it."""

import random
from collections.abc import Callable

from ingress.flow import Flow


class Journaling:
    """Passes a finished Flow on, or not: a route may be off, or want a sample only.

    ``keep`` must not wait. ``unmatched`` says whether requests that met no route are wanted.
    """

    def __init__(self, keep: Callable[[Flow], None]) -> None:
        self._keep = keep
        self.unmatched = False

    def __call__(self, flow: Flow) -> None:
        """Hand one Flow over."""
        plan = flow.plan
        if plan is None:
            if self.unmatched:
                self._keep(flow)
            return
        recording = plan.journal
        if recording is None:
            return
        # By chance, and not by the request id: that is the client's to choose.
        if recording.sample >= 1 or random.random() < recording.sample:  # noqa: S311 - no secret
            self._keep(flow)
