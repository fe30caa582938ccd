"""What many routes cost: ``python -m bench.routing [--routes N]``.

Compiles a route file of N routes, and looks requests up in it and in one of a single route, in CPU
time and in turns, so that a busy machine slows both. Exit code 1 when a lookup costs over 3 % more
with N routes, or reading and compiling them took a second.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ingress import routefile
from ingress.compile import compile_plans
from ingress.router import Router
from ingress.routing.asked import Sketch
from ingress.variants.choice import Choice

GOAL_SHARE: Final = 1.03
GOAL_SECONDS: Final = 1.0
_LOOKUPS: Final = 2000
_ASKED: Final = Sketch((("host", "api.example.com"), ("x-beta", "1")), "format=csv")

# What is looked up, by the path of its route and that of the request, as bytes from a socket.
_KINDS: Final[Mapping[str, tuple[str, bytes]]] = {
    "no parameter": ("/v1/things{}", b"/v1/things7"),
    "a parameter": ("/v1/things{}/{{id}}", b"/v1/things7/42"),
    "a kind": ("/v1/things{}/{{id:int}}", b"/v1/things7/42"),
}


def main(argv: list[str] | None = None) -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.routing", description=__doc__)
    parser.add_argument("--routes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args(argv)
    worst = 0.0
    print(f"{'a lookup, ns of CPU':<22} {'1 route':>8} {f'{options.routes} routes':>12} {'':>7}")
    for kind, (pattern, path) in _KINDS.items():
        one, many = _file(pattern, [7]), _file(pattern, range(options.routes))
        few, all_ = _in_turns(_lookup(one, path), _lookup(many, path), options.rounds)
        worst = max(worst, all_ / few)
        print(f"{kind:<22} {few:>8.0f} {all_:>12.0f} {all_ / few - 1:>+7.1%}")
    took = _compile(_text("/v1/things{}", range(options.routes)))
    print(f"reading and compiling {options.routes} routes: {took:.2f} s of CPU")
    print(f"choosing one of two variants: {_choose():.1f} µs of CPU")
    well = worst <= GOAL_SHARE and took <= GOAL_SECONDS
    print("as it should be" if well else f"over {GOAL_SHARE - 1:.0%}, or {GOAL_SECONDS:.0f} s")
    return 0 if well else 1


def _text(pattern: str, numbers: Iterable[int]) -> bytes:
    routes = (f"  - {{route: 'GET {pattern.format(n)}', operation: s.o}}\n" for n in numbers)
    return f"routes:\n{''.join(routes)}".encode()


def _file(pattern: str, numbers: Iterable[int]) -> Router:
    return Router(compile_plans(routefile.parse(_text(pattern, numbers))))


def _compile(text: bytes) -> float:
    begun = time.process_time()
    Router(compile_plans(routefile.parse(text)))
    return time.process_time() - begun


def _choose() -> float:
    choice = Choice({"": 0.95, "next": 0.05})
    keys = [f"caller={number}" for number in range(20_000)]
    begun = time.process_time()
    for key in keys:
        choice.of(key)
    return (time.process_time() - begun) / len(keys) * 1e6


def _lookup(router: Router, path: bytes) -> Callable[[], None]:
    match = router.match

    def look() -> None:
        for _ in range(_LOOKUPS):
            # Decoded anew as each request's is, so that its hash is not known yet.
            match("GET", path.decode(), _ASKED)

    return look


def _in_turns(
    one: Callable[[], None], other: Callable[[], None], rounds: int
) -> tuple[float, float]:
    """Give the least that each took a lookup, in nanoseconds."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for index, run in enumerate((one, other)):
            begun = time.process_time()
            run()
            best[index] = min(best[index], time.process_time() - begun)
    return best[0] / _LOOKUPS * 1e9, best[1] / _LOOKUPS * 1e9


if __name__ == "__main__":
    sys.exit(main())
