"""The links between the documents lead somewhere."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import dirname, join, normpath

from tests.harness.processes import ROOT

_LINK = re.compile(r"\[[^\]]*\]\(<?([^)>\s]+)>?\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def broken_links(documents: Mapping[str, str], root: Path) -> Iterator[str]:
    """Name each relative link to a file, or to a heading, that is not there."""
    for path, text in documents.items():
        for link in _LINK.findall(_CODE.sub("", text)):
            target, _, heading = link.partition("#")
            if ":" in target:  # elsewhere: https, mailto
                continue
            full = normpath(join(dirname(path), target)) if target else path
            if not (root / full).exists() and full not in documents:
                yield f"{path}: {link} leads nowhere"
            elif heading and full in documents and heading not in _anchors(documents[full]):
                yield f"{path}: {link} names no heading of {full}"


def test_each_link_leads_somewhere() -> None:
    """No document of the project links to a file or heading that is not there."""
    skipped = {".venv", ".git", "node_modules"}
    documents = {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for path in ROOT.rglob("*.md")
        if not skipped.intersection(path.relative_to(ROOT).parts)
    }
    assert "README.md" in documents
    assert "\n".join(broken_links(documents, ROOT)) == ""


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """A missing file and a missing heading are named; code, the web and good links are not."""
    (tmp_path / "Makefile").touch()
    documents = {
        "docs/a.md": "# One `two` three\n[x](b.md) [x](../Makefile) [x](#one-two-three) `[x](y)`",
        "README.md": "[x](https://a.example) [x](docs/a.md#nothing) [x](docs/a.md#one-two-three)",
    }
    assert list(broken_links(documents, tmp_path)) == [
        "docs/a.md: b.md leads nowhere",
        "README.md: docs/a.md#nothing names no heading of docs/a.md",
    ]


def _anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(text)
    }
