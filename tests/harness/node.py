"""Node.js: what another language makes of our messages is seen there."""

import os

import pytest

from tests.harness.install import can_install, install_node, installed_node


def find_node() -> str:
    """Give its path; as root on Debian it is installed, once.

    Without one the run fails on CI, and on a laptop the test is left out.
    """
    found = installed_node() or (install_node() if can_install() else None)
    if found is None:
        if not os.environ.get("CI"):
            pytest.skip("there is no Node.js here")
        pytest.fail("there is no Node.js here: install one (apt-get install nodejs)")
    return str(found)
