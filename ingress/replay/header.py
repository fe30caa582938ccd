"""Headers that the operator supplies, such as credentials that were not recorded."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ingress.replay.item import Pairs

_FORM: Final = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*?)[ \t]*")
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def supplied(texts: Iterable[str], environment: Mapping[str, str]) -> Pairs:
    """Read ``NAME: VALUE`` each, or ``@FILE`` with one a line.

    ``${NAME}`` in a value is filled in from the environment, so that a secret need not stand on the
    command line. Raises ``ValueError`` that never shows a value.
    """
    return tuple(_pair(line, environment) for text in texts for line in _lines(text))


def _lines(text: str) -> list[str]:
    if not text.startswith("@"):
        return [text]
    try:
        lines = Path(text[1:]).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = (getattr(error, "strerror", "") or "it is no text").lower()
        raise ValueError(f"{text[1:]}: {reason}") from None
    return [line for line in lines if line.strip()]


def _pair(line: str, environment: Mapping[str, str]) -> tuple[str, str]:
    found = _FORM.fullmatch(line)
    if found is None:
        name = line.partition(":")[0][:40] if ":" in line else ""
        raise ValueError(f"a header is written NAME: VALUE{f', and {name!r} is none' * bool(name)}")
    name, value = found.groups()

    def fill(reference: re.Match[str]) -> str:
        if reference[1] not in environment:
            raise ValueError(f"{reference[1]} is not in the environment")
        return environment[reference[1]]

    value = _REFERENCE.sub(fill, value)
    if _CONTROLS.search(value):
        raise ValueError(f"the value of {name} has characters that HTTP does not allow")
    return name.lower(), value
