"""The token of the admin port: the route file's, or one that is made up and kept in a file.

The file is readable by its owner alone. It is the same for all gateways of a user, and stays over
restarts, so that commands and scripts of this user find it: ``queuegate admin token``.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from ingress.admin_sections import OFF, AdminSection

FILE_VARIABLE: Final = "QUEUEGATE_ADMIN_TOKEN_FILE"
"""Names another file in the environment."""

# Says something to people: a level, and a sentence.
Report = Callable[[str, str], None]

_OTHERS: Final = 0o077
_BYTES: Final = 32


def place(environment: Mapping[str, str] = os.environ) -> Path:
    """Say where the file is (XDG Base Directory Specification: state)."""
    if named := environment.get(FILE_VARIABLE):
        return Path(named)
    state = environment.get("XDG_STATE_HOME", "")
    folder = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return folder / "queuegate" / "admin-token"


def decide(section: AdminSection, report: Report) -> str | None:
    """Say which token has to be shown, ``None`` for none, and tell where a made-up one is."""
    if section.token is not None:
        return None if section.token == OFF else section.token
    try:
        path = place()
        token = find_or_make(path)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        text = (
            f"the admin port's token cannot be kept ({reason}), so nobody has it: set `admin.token`"
        )
        report("WARNING", text)
        return secrets.token_urlsafe(_BYTES)
    report("INFO", f"the admin port's token is in {path}")
    return token


def read(path: Path) -> str:
    """Read the token; empty when there is none, or when others might have read it too."""
    try:
        with path.open(encoding="ascii") as file:
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                return ""
            return file.read(1024).strip()
    except (OSError, UnicodeDecodeError):
        return ""


def find_or_make(path: Path) -> str:
    """Read the token, or make one for good. Raises ``OSError`` when it cannot be kept.

    Several processes that do so at one time get the same.
    """
    if token := read(path):
        return token
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, made = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(_BYTES) + "\n")
        if path.exists() and not read(path):
            # Empty, or seen by others.
            Path(made).replace(path)
        else:
            with suppress(FileExistsError):
                os.link(made, path)
    finally:
        Path(made).unlink(missing_ok=True)
    return read(path)
