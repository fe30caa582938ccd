"""The page on security names each boundary, and its proofs."""

import re
from typing import Final

from tests.harness.processes import ROOT
from tests.harness.sources import Tree

_PAGE: Final = (ROOT / "docs" / "security.md").read_text()
_DEFINED: Final = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
_BOUNDARIES: Final = ("Client", "Edge", "Broker", "Worker", "Store", "Admin port", "Journal")


def test_each_boundary_has_its_section() -> None:
    """In the order of the picture."""
    headings = re.findall(r"^## (\d)\. ([A-Z]\w+(?: port)?)", _PAGE, re.MULTILINE)
    assert headings == [(str(number), name) for number, name in enumerate(_BOUNDARIES, 1)]


def test_each_row_names_its_proof() -> None:
    """Three cells, and at least one test in the last."""
    rows = [line for line in _PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    claims = [row for row in rows if not row.startswith("| threat ")]
    assert len(claims) > 30
    for row in claims:
        _, threat, holds, proof, _ = row.split("|")
        assert threat.strip()
        assert holds.strip()
        assert re.search(r"`test_\w+`", proof), row


def test_each_proof_is_there() -> None:
    """A test that the page names exists under that name."""
    named = set(re.findall(r"`(test_\w+)`", _PAGE))
    there = {
        name for source in Tree.read("tests").values() for name in _DEFINED.findall(source.text)
    }
    assert named - there == set()
