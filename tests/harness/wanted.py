"""Programs without which a test shows nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness.install import can_install

Find = Callable[[], Path | None]


def wanted(what: str, package: str, installed: Find, install: Find) -> str:
    """Give a program's path; as root on Debian it is installed, once.

    Without one the run fails on CI, and on a laptop the test is left out.
    """
    found = installed() or (install() if can_install() else None)
    if found is None:
        missing = f"there is no {what} here"
        if not os.environ.get("CI"):
            pytest.skip(missing)
        pytest.fail(f"{missing}: install one (apt-get install {package})")
    return str(found)
