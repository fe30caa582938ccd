"""Node.js: what another language makes of our messages is seen there."""

from tests.harness.install import install_node, installed_node
from tests.harness.wanted import wanted


def find_node() -> str:
    """Give its path."""
    return wanted("Node.js", "nodejs", installed_node, install_node)
