"""What a signed statement of who calls costs the gateway and the worker.

``python -m bench.statements`` signs and checks calls here, and prints microseconds of CPU for
each: what is added to writing the message, and what checking takes.
"""

import time
from collections.abc import Callable
from typing import Final, get_args

from contracts.call import Call, Caller
from contracts.callers.keys import read_keys
from contracts.callers.signer import Covers, Signer
from contracts.callers.verifier import Verifier
from contracts.deadline import after
from contracts.dialects import dialect
from contracts.dialects.port import Dialect
from contracts.dialects.vouched import Vouched
from ingress.callers import keyfile

CALLS: Final = 2000
_US: Final = 1e6


def microseconds(work: Callable[[], object], calls: int = CALLS) -> float:
    """Give the CPU time of one, the best of five rounds."""
    best = float("inf")
    for _ in range(5):
        started = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, time.process_time() - started)
    return best / calls * _US


def rows(calls: int = CALLS) -> list[tuple[str, str, float, float, int]]:
    """Measure: algorithm, what it covers, signing, checking, bytes."""
    caller = Caller("ann", "192.0.2.7", ("orders:write",), ("staff",))
    headers = (("content-type", "application/json"), ("user-agent", "x" * 40))
    call = Call(
        id="0192f7-aa",
        operation="orders.create",
        route="POST /v1/orders",
        headers=headers,
        body=b"x" * 90,
        caller=caller,
        deadline=after(60),
    )
    plain = dialect("queuegate")

    def ask(speaker: Dialect) -> Callable[[], object]:
        return lambda: speaker.request(call, correlation_id="c", reply_to="q", expiration_ms=1000)

    without = microseconds(ask(plain), calls)
    found = []
    for hmac in (True, False):
        keys = read_keys(keyfile.write([keyfile.make(hmac=hmac)]))
        for covers in get_args(Covers):
            speaker, verifier = Vouched(plain, Signer(keys[0], covers=covers)), Verifier(keys)
            signing = microseconds(ask(speaker), calls) - without
            message = speaker.request(call, correlation_id="c", reply_to="q", expiration_ms=1000)
            arrived = plain.call(message)
            checking = microseconds(lambda: verifier.verify(arrived, message), calls)  # noqa: B023 - used at once
            size = len(message.headers["x-caller"])
            found.append((keys[0].algorithm, covers, signing, checking, size))
    return found


def main() -> None:
    """Print them."""
    print(f"{'algorithm':10} {'covers':8} {'sign µs':>8} {'check µs':>9} {'bytes':>6}")
    for algorithm, covers, signing, checking, size in rows():
        print(f"{algorithm:10} {covers:8} {signing:8.1f} {checking:9.1f} {size:6}")


if __name__ == "__main__":
    main()
