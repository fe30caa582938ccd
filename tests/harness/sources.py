"""The project's source files as text and syntax trees, for tests about the code itself."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Self

from tests.harness.processes import ROOT

PACKAGES: Final = ("contracts", "ingress", "workers", "queuegate")


@dataclass(frozen=True)
class Import:
    """One name that a file imports."""

    line: int
    name: str
    """The module, as precisely as the source tree tells: ``ingress.flow`` for its ``Flow`` too."""
    typing_only: bool
    """Under ``if TYPE_CHECKING``."""


@dataclass(frozen=True)
class Source:
    """One file: its path below the root, with slashes, and its text."""

    path: str
    text: str
    # Not part of the comparison, and computed once.
    _known: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    @property
    def module(self) -> str:
        """The dotted name it is imported by."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """All imports, wherever they stand in the file."""
        return tuple(self._find_imports(self.tree, typing_only=False))

    def _find_imports(self, node: ast.AST, *, typing_only: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, typing_only)
        elif isinstance(node, ast.ImportFrom):
            base = self._absolute(node)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield Import(node.lineno, full if full in self._known else base, typing_only)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.body:
                yield from self._find_imports(statement, typing_only=True)
            for statement in node.orelse:
                yield from self._find_imports(statement, typing_only=typing_only)
        else:
            for child in ast.iter_child_nodes(node):
                yield from self._find_imports(child, typing_only=typing_only)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.path.removesuffix(".py").split("/")[: -node.level]
        return ".".join([*parts, *([node.module] if node.module else [])])


class Tree(Mapping[str, Source]):
    """All files of some folders, by path."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        known = frozenset(Source(path, "").module for path in texts)
        self._sources = {path: Source(path, text, known) for path, text in sorted(texts.items())}

    @classmethod
    def read(cls, *folders: str) -> Self:
        """Read the Python files below these folders of the repository."""
        return cls({path: (ROOT / path).read_text() for path in cls._paths(folders)})

    @staticmethod
    def _paths(folders: Iterable[str]) -> Iterator[str]:
        for folder in folders:
            for path in (ROOT / folder).rglob("*.py"):
                name = path.relative_to(ROOT).as_posix()
                # bench/.work holds what others wrote.
                if "/." not in name:
                    yield name

    def __getitem__(self, path: str) -> Source:
        return self._sources[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    @cached_property
    def by_module(self) -> dict[str, Source]:
        return {source.module: source for source in self.values()}


def docstring_of(node: ast.AST) -> str:
    """Return a definition's docstring, cleaned of indentation, or nothing."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return ast.get_docstring(node) or ""
    return ""


def exists(path: str) -> bool:
    """Tell whether the repository has this file or folder."""
    return Path(ROOT, path).exists()
