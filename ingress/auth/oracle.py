"""A service that is asked about callers: within a time, and left alone while it is down."""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from contracts.fault import Fault
from ingress.auth.http_client import Unreachable
from ingress.breaker import Breaker
from ingress.plan import Breaker as Settings
from ingress.window import Clock

T = TypeVar("T")

# Half of at least five failed within ten seconds: for two seconds nobody asks, then one does.
_SETTINGS: Final = Settings(failure_rate=0.5, window=10.0, min_calls=5, open_for=2.0, probes=1)

_log: Final = logging.getLogger(__name__)


class Oracle:
    """``await Oracle(name).ask(question)``: what cannot be told is a Fault, never a yes or a no."""

    def __init__(self, name: str, *, clock: Clock = time.perf_counter) -> None:
        self._name = name
        self._breaker = Breaker(name, _SETTINGS, clock=clock, on_change=_tell)

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Ask once. Raises ``Fault`` when there is no answer, or the circuit is open."""
        try:
            permit = self._breaker.ask()
        except Fault:
            raise self._unavailable() from None
        try:
            answer = await question()
        except Unreachable as error:
            self._breaker.tell_failure(permit)
            _log.warning("%s does not answer: %s", self._name, error)
            raise self._unavailable() from None
        except BaseException:
            self._breaker.tell_nothing(permit)
            raise
        self._breaker.tell_success(permit)
        return answer

    def _unavailable(self) -> Fault:
        return Fault("auth_unavailable", "who is asked about callers does not answer")

    def __repr__(self) -> str:
        return f"<Oracle {self._name} {self._breaker.state}>"


def _tell(name: str, _before: str, state: str) -> None:
    _log.warning("the circuit of %s is %s", name, state)
