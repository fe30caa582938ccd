"""How many retries a route may afford, so that retries never become the load.

When a backend slows down under load, retries multiply the load that slows it.
A budget bounds that factor whatever the number of attempts in the config:
retries may be at most a share of the calls of the last seconds, plus a few a
second so that a quiet route can retry at all (Finagle's ``RetryBudget``).

One budget a route, as Finagle has one a client and Envoy one a cluster: what
is being protected is the backend behind it, and a route that fails for good
must not eat up the retries of the healthy ones.

A retry is paid for when it is decided, before its back-off: otherwise all
that wait in back-off are free, and hit the backend together (Envoy issue
30205 describes just that).
"""

from ingress.window import Clock, Window

SHARE = 0.2
PER_SECOND = 3.0
SECONDS = 10.0


class Budget:
    """A bound on retries: ``share`` of the calls, and ``per_second`` for free.

    Both over a sliding window of ``seconds``; ``clock`` is monotonic seconds.
    A quiet route may so spend ``per_second * seconds`` retries in one burst.
    """

    __slots__ = ("_free", "_share", "_window")

    def __init__(
        self,
        clock: Clock,
        *,
        share: float = SHARE,
        per_second: float = PER_SECOND,
        seconds: float = SECONDS,
    ) -> None:
        self._window = Window(seconds, clock)
        self._share = share
        self._free = per_second * seconds

    def deposit(self) -> None:
        """Count a call (not a retry)."""
        self._window.count()

    def withdraw(self) -> bool:
        """Pay for one retry; ``False``, and nothing is paid, when it is too dear."""
        window = self._window
        window.turn()
        if window.marked + 1 > self._free + self._share * window.total:
            return False
        window.mark()
        return True

    def __repr__(self) -> str:
        window = self._window
        window.turn()
        return f"<Budget {window.marked} retries for {window.total} calls>"
