"""Tests read as a specification, and what a user calls is explained (STYLE, rules 13 and 17)."""

import ast
import inspect
import re
from collections.abc import Iterator

import pytest

import queuegate
from tests.harness.sources import Tree, docstring_of

# The end of a sentence that is followed by another one.
_SECOND_SENTENCE = re.compile(r"[.!?]\s+[A-Z]")


def complaint_of(docstring: str) -> str | None:
    """Tell what keeps a docstring from being one sentence."""
    if not docstring:
        return "has no docstring"
    if not docstring.endswith((".", "!", "?")):
        return "does not end its sentence"
    if _SECOND_SENTENCE.search(docstring):
        return "has more than one sentence"
    return None


def unexplained_tests(tree: Tree) -> Iterator[str]:
    """Name each test function whose docstring is not one sentence."""
    for source in tree.values():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("test_") and (complaint := complaint_of(docstring_of(node))):
                yield f"{source.path}:{node.lineno}: {node.name} {complaint}"


def undocumented(names: Iterator[tuple[str, object]]) -> Iterator[str]:
    """Name each public thing, and each public method of it, that has no docstring."""
    for name, thing in names:
        if not inspect.isclass(thing) and not inspect.isroutine(thing):
            continue
        if not inspect.getdoc(thing):
            yield name
        if inspect.isclass(thing):
            for method, found in vars(thing).items():
                is_code = inspect.isroutine(found) or isinstance(found, property)
                if is_code and not method.startswith("_") and not inspect.getdoc(found):
                    yield f"{name}.{method}"


def test_each_test_says_in_one_sentence_what_must_hold() -> None:
    """Read in order, the docstrings of the tests are the specification."""
    assert "\n".join(unexplained_tests(Tree.read("tests"))) == ""


def test_what_a_user_calls_is_explained() -> None:
    """Each name of package queuegate has a docstring, and so have its public methods."""
    public = ((name, getattr(queuegate, name)) for name in getattr(queuegate, "__all__", ()))
    assert "\n".join(undocumented(public)) == ""


@pytest.mark.parametrize(
    "docstring, complaint",
    [
        ("", "has no docstring"),
        ("It works", "does not end its sentence"),
        ("It works. It is fast.", "has more than one sentence"),
        ("503 no_route with Retry-After, e.g. 1 s, long before the timeout.", None),
    ],
)
def test_a_bad_docstring_is_found(docstring: str, complaint: str | None) -> None:
    """No sentence, half a sentence and two sentences are complained of with file and line."""
    text = f'class A:\n  async def test_a(self):\n    """{docstring}"""'
    expected = [f"tests/test_a.py:2: test_a {complaint}"] if complaint else []
    assert list(unexplained_tests(Tree({"tests/test_a.py": text}))) == expected


def test_an_undocumented_name_is_found() -> None:
    """A public class or method without a docstring is named; constants and privates are not."""

    class Bare:
        def method(self) -> None: ...
        def _private(self) -> None: ...

    assert list(undocumented(iter([("Bare", Bare), ("LIMIT", 5)]))) == ["Bare", "Bare.method"]
