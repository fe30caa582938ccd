"""What knowing a caller by key, and counting, is made of: each part again and again, by itself.

In a call nothing of it is as much at hand as here: between two calls the processor has run all else
that a call needs. What whole calls cost more than the sum of these is that.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from contracts.call import Call, Reply
from ingress.answer import Composer
from ingress.flow import Flow
from ingress.head import HeadReader
from ingress.limits.locks import Locks
from ingress.policies.port import Policy

_ROUNDS: Final = 7
_HEAD: Final = b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n"
_REPLY: Final = Reply(body=b"{}", headers=(("content-type", "application/json"),))


def parts(
    policies: Sequence[Policy], call: Call, key: str, times: int
) -> Iterator[tuple[str, float]]:
    """Measure each part: its name, and the µs of CPU that it costs a call; last their sum."""
    named = {policy.name: policy for policy in policies}
    costs = [
        ("read the line with the key", _reading(key, times)),
        ("know whose key it is, and put the caller into the call", _auth(named, call, times)),
        ("lock and unlock the counts", _locking(times)),
        ("count, and write how the limits stand", _counting(named, call, times)),
        ("put that into the answer", _answering(named, call, times)),
    ]
    yield from costs
    yield "together", sum(cost for _, cost in costs)


def _reading(key: str, times: int) -> float:
    reader = HeadReader()
    bare, shown = _HEAD + b"\r\n", _HEAD + f"X-Api-Key: {key}\r\n\r\n".encode()
    return _best(lambda: reader.read(shown), lambda: reader.read(bare), times)


def _auth(named: dict[str, Policy], call: Call, times: int) -> float:
    auth = named["auth"]
    return _best(lambda: auth.admit(Flow(call, None, 0.0)), lambda: Flow(call, None, 0.0), times)


def _locking(times: int) -> float:
    with TemporaryDirectory() as folder:
        locks = Locks(Path(folder) / "limits")

        def both() -> None:
            locks.enter(1)
            locks.leave()

        cost = _best(both, lambda: None, times)
        locks.close()
        return cost


def _counting(named: dict[str, Policy], call: Call, times: int) -> float:
    known = Flow(call, None, 0.0)
    named["auth"].admit(known)
    limits: Any = named["limits"]

    def counted() -> None:
        flow = Flow(known.call, None, 0.0)
        flow.identity = known.identity
        limits.admit(flow)
        limits.settle(flow)

    # The lock is told of by itself.
    return _best(counted, lambda: Flow(known.call, None, 0.0), times) - _locking(times)


def _answering(named: dict[str, Policy], call: Call, times: int) -> float:
    told = Flow(call, None, 0.0)
    for policy in named.values():
        policy.admit(told)
    bare = Flow(call, None, 0.0)
    bare.reply = told.reply = _REPLY
    composer = Composer()
    return _best(lambda: composer.compose(told), lambda: composer.compose(bare), times)


def _best(do: Callable[[], object], without: Callable[[], object], times: int) -> float:
    return max(0.0, min(_time(do, times) - _time(without, times) for _ in range(_ROUNDS)))


def _time(do: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times * 1e6
