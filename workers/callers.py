"""Whose word on a caller a worker believes: the gateways' keys, as a service is given them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from contracts.callers.keys import Key, read_keys
from contracts.callers.verifier import Verifier
from workers.binding import ServiceError

VARIABLE: Final = "QUEUEGATE_CALLER_KEYS"


class CallerKeys:
    """Keys that gateways sign with, for ``Service(..., callers=...)``.

    ::

        orders = Service("orders", callers=CallerKeys.read("caller-keys.json"))

    ``CallerKeys(text)`` takes the JSON Web Key Set itself. Several keys are all believed, so that
    a new one can be given to the workers before the gateway signs with it. A worker needs no more
    than the public halves: ``queuegate callers public``.

    Raises ``ServiceError`` for what is no key set.
    """

    def __init__(self, text: str) -> None:
        try:
            self._keys: tuple[Key, ...] = read_keys(text) if text else ()
        except ValueError as error:
            raise ServiceError(f"the callers' keys: {error}") from None

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read the key set from a file."""
        try:
            return cls(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            raise ServiceError(f"the callers' keys: {path} cannot be read") from None

    def verifier(self) -> Verifier | None:
        """Make what checks; ``None`` where nothing is to be checked."""
        return Verifier(self._keys) if self._keys else None

    def __repr__(self) -> str:
        return f"<CallerKeys {', '.join(map(repr, self._keys)) or 'none'}>"


UNSIGNED: Final = CallerKeys("")
"""Nothing is checked: for a service that others than gateways call."""


def of_environment(environment: Mapping[str, str]) -> CallerKeys:
    """Take the keys of the process: a key set, or the path of one, in ``QUEUEGATE_CALLER_KEYS``.

    A variable that is there and empty is a mistake, and not a wish to check nothing.
    """
    said = environment.get(VARIABLE)
    if said is None:
        return UNSIGNED
    said = said.strip()
    if not said:
        raise ServiceError(f"{VARIABLE} is empty: give it a key set, or the path of one")
    return CallerKeys(said) if said.startswith("{") else CallerKeys.read(said)
