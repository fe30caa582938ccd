"""Each source file has the test file that mirrors it (STYLE, rule 16)."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.harness.sources import PACKAGES, Source, Tree, exists


def mirror_of(source: Source) -> str | None:
    """Return the path of a source file's tests, or None if there is nothing in it to test.

    ``ingress/flow.py`` has ``tests/ingress/test_flow.py``. The ``__init__.py`` of a package that
    does more than re-export has a ``test_init.py`` in the folder that mirrors the package.
    """
    folder, _, name = source.path.rpartition("/")
    if name == "__main__.py" or (name == "__init__.py" and not _does_something(source)):
        return None
    return f"tests/{folder}/test_{name.replace('__init__', 'init')}"


def missing(tree: Tree, there: Callable[[str], bool]) -> Iterator[str]:
    """Name each source file without its mirror."""
    for source in tree.values():
        mirror = mirror_of(source)
        if mirror and not there(mirror):
            yield f"{source.path} has no {mirror}"


def test_each_source_file_has_its_tests() -> None:
    """No module of the product is without a test file of its own."""
    assert "\n".join(missing(Tree.read(*PACKAGES), exists)) == ""


@pytest.mark.parametrize(
    "path, text, complaint",
    [
        ("ingress/a.py", "", "ingress/a.py has no tests/ingress/test_a.py"),
        ("ingress/b/__init__.py", "import a\n__all__ = ['a']", None),
        ("ingress/b/__init__.py", '"""Doc."""\nORDER = [1]', "no tests/ingress/b/test_init.py"),
        ("ingress/b/__init__.py", "def main(): ...", "no tests/ingress/b/test_init.py"),
        ("ingress/cli/__main__.py", "main()", None),
    ],
)
def test_a_missing_mirror_is_found(path: str, text: str, complaint: str | None) -> None:
    """A file with something in it must have a mirror; one that only re-exports need not."""
    complaints = list(missing(Tree({path: text}), lambda _: False))
    assert len(complaints) == (complaint is not None)
    assert all(complaint in each for each in complaints if complaint)


def _does_something(source: Source) -> bool:
    return any(not _only_names(node) for node in source.tree.body)


def _only_names(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case _:
            return False
