"""What the route file says of callers, compiled into what signs."""

from pathlib import Path
from typing import Final

from contracts.callers.keys import Key, read_keys
from contracts.callers.signer import Signer
from ingress.problems import ConfigError, Problem
from ingress.problems import Path as Place
from ingress.routefile import RouteFile

FILE: Final = "file:"
_KEYS: Final[Place] = ("callers", "keys")


def signer(route_file: RouteFile) -> Signer | None:
    """Make what signs for this route file; ``None`` where nothing is signed.

    Raises ``ConfigError`` for keys that cannot be read, and for those that stand in the file.
    """
    section = route_file.callers
    if section is None:
        return None
    first, *_ = _keys(route_file, section.keys)
    if not first.private:
        message = f"the first key, {first.id!r}, is public: it cannot sign"
        raise _problem(route_file, message, "put the private key first")
    return Signer(
        first,
        covers=section.covers,
        ttl=int(section.ttl),
        accepted_for=int(section.accepted_for),
    )


def _keys(route_file: RouteFile, said: str) -> tuple[Key, ...]:
    if said.startswith(FILE):
        path = Path(route_file.document.source).parent / said.removeprefix(FILE)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            hint = "`queuegate callers keygen` makes one"
            raise _problem(route_file, f"{path} cannot be read", hint) from None
    elif _KEYS not in route_file.document.from_environment:
        message = "keys are secrets and do not stand in this file"
        raise _problem(route_file, message, "write file:PATH, or ${NAME} for the environment")
    else:
        text = said
    try:
        return read_keys(text)
    except ValueError as error:
        raise _problem(route_file, str(error), "`queuegate callers keygen` makes one") from None


def _problem(route_file: RouteFile, message: str, hint: str) -> ConfigError:
    problem: Problem = route_file.document.problem(_KEYS, message, hint=hint)
    return ConfigError([problem])
