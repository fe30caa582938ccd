"""Requests that mean harm or mistake, and what has to become of each; the data is beside this file.

A file is a family: ``form`` is what is sent, with ``{}`` for the words of a case; ``cases`` has a
name for each, what is expected, and its words. ``{a:100}`` stands for a hundred of ``a``. A case
with ``§`` in it is one for each of ``bytes``. All text is bytes in Latin-1.

Expected is a status, with which the request is refused and the connection closed; a status
and ``clear``, where it has one reading and is refused for another reason, so that the connection
may go on; or ``METHOD TARGET BODY``, what a worker gets, once.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import yaml

FOLDER: Final = Path(__file__).parent
_MANY: Final = re.compile(r"\{([^{}]+):([0-9]+)\}")


class Case(msgspec.Struct, frozen=True):
    """What is sent, and what is expected of it."""

    name: str
    data: bytes
    expected: int | str


def cases() -> list[Case]:
    """Read all of them."""
    return [case for path in sorted(FOLDER.glob("*.yaml")) for case in _family(path)]


def _family(path: Path) -> Iterator[Case]:
    family = yaml.safe_load(path.read_text())
    for name, (expected, *words) in family["cases"].items():
        parts = family["form"].split("{}")
        text = "".join(a + b for a, b in zip(parts, [*words, ""], strict=True))
        for byte in family["bytes"] if "§" in name else [""]:
            whole = f"{path.stem}: {name}".replace("§", repr(byte))
            data = _repeated(text.replace("§", byte))
            wanted = _repeated(expected) if isinstance(expected, str) else expected
            yield Case(whole, data.encode("latin-1"), wanted)


def _repeated(text: str) -> str:
    return _MANY.sub(lambda said: said[1] * int(said[2]), text)
