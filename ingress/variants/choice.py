"""Which variant a key belongs to: by weights, always the same, moving no more than must move.

Weighted rendezvous hashing (Thaler and Ravishankar 1998; the weights as in Schindelhauer and
Schomaker 2005): each variant draws a number for the key, scaled by its weight, and the least wins.
A key's draw for one variant does not depend on the others, so a change of one weight moves keys to
or from that variant alone. The same key draws the same for all routes, so a caller who is in the
canary of one route is in that of the next one, where names and weights are the same.
"""

import random
from collections.abc import Callable, Mapping
from hashlib import blake2b
from math import log
from typing import Final

_BYTES: Final = 7
# 56 bits fit a float's mantissa and a bit; the half keeps the draw off 0 and 1, whose log is none.
_SPAN: Final = 2 ** (8 * _BYTES) + 1

Draw = Callable[[], float]


class Choice:
    """Chooses among names by their weights: shares of one, whose sum is one.

    ``draw`` gives numbers from 0 to 1 for calls that have no key.
    """

    def __init__(self, weights: Mapping[str, float], draw: Draw = random.random) -> None:
        self._weights = {name: weight for name, weight in weights.items() if weight > 0}
        self._contenders = [
            (name, weight, blake2b(digest_size=_BYTES, key=name.encode()[:64]))
            for name, weight in self._weights.items()
        ]
        self._draw = draw

    def of(self, key: str) -> str:
        """Give the name for a key; for an empty one by chance."""
        if not key:
            return self._by_chance()
        data = key.encode("utf-8", "surrogatepass")
        best, least = "", float("inf")
        for name, weight, begun in self._contenders:
            digest = begun.copy()
            digest.update(data)
            drawn = (int.from_bytes(digest.digest(), "big") + 1) / _SPAN
            score = -log(drawn) / weight
            if score < least:
                best, least = name, score
        return best

    def _by_chance(self) -> str:
        left = self._draw()
        last = ""
        for name, weight in self._weights.items():
            last = name
            left -= weight
            if left < 0:
                break
        return last

    def __repr__(self) -> str:
        return f"<Choice {', '.join(f'{name} {w:.2%}' for name, w in self._weights.items())}>"
