"""The page on reliability names its proofs."""

import re
from typing import Final

from tests.harness.processes import ROOT
from tests.harness.sources import Tree

_PAGE: Final = (ROOT / "docs" / "reliability.md").read_text()
_DEFINED: Final = re.compile(r"^(?:async )?(?:def|class) (\w+)", re.MULTILINE)


def test_each_proof_that_the_page_names_is_there() -> None:
    """A test or a state machine in the table exists under that name."""
    named = set(re.findall(r"`(test_\w+|\w+Machine|Traffic)`", _PAGE))
    there = {
        name for source in Tree.read("tests").values() for name in _DEFINED.findall(source.text)
    }
    assert len(named) > 50
    assert named - there == set()


def test_each_test_of_a_fault_is_named_on_the_page() -> None:
    """No fault that is tested is missing in the table."""
    tools = ("test_ledger", "test_load", "test_proxy", "test_page")
    faults = {
        name
        for path, source in Tree.read("tests/faults").items()
        if not path.removesuffix(".py").endswith(tools)
        for name in _DEFINED.findall(source.text)
        if name.startswith("test_")
    }
    assert {name for name in faults if f"`{name}`" not in _PAGE} == set()
