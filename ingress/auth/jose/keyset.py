"""Which keys may have signed a token."""

from collections.abc import Iterable, Iterator
from typing import Final

from ingress.auth.jose.algorithms import Algorithm
from ingress.auth.jose.key import Key

MOST_TRIED: Final = 4
"""Keys that a token without a key's name is tried with: each costs, and forgeries are free."""


class KeySet:
    """Keys, found by name and algorithm. Immutable.

    A name that two keys have which one algorithm could use says nothing: neither is found. That
    two kinds of keys share a name is fine (RFC 7517 section 4.5).
    """

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = tuple(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def candidates(self, kid: str | None, algorithm: Algorithm) -> tuple[Key, ...]:
        """Give the keys to try, none if the token cannot be verified.

        Keys without a name, such as PEM files and secrets, are for tokens of any key's name.
        """
        fit = [key for key in self._keys if key.fits(algorithm)]
        if kid is not None:
            named = [key for key in fit if key.kid == kid]
            if named:
                return tuple(named) if len(named) == 1 else ()
            fit = [key for key in fit if not key.kid]
        return tuple(fit) if len(fit) <= MOST_TRIED else ()

    def __repr__(self) -> str:
        return f"<KeySet of {len(self._keys)}>"
