"""A YAML file as plain data that remembers where each value stood.

Read as YAML 1.2 core, not 1.1: ``off`` and ``no`` are texts, ``1:30`` is no
number and a date is a text. Nothing is constructed but dicts, lists, texts,
numbers, booleans and null. Duplicate keys are errors (YAML 1.2.2 section
3.2.1.1), and aliases are counted out, so that a small file cannot grow into a
large one ("billion laughs").

References to the environment in values are filled in: ``${NAME}``,
``${NAME:-default}`` (the default also stands in for an empty variable, as in a
shell), and ``$${`` for a literal ``${``.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from ingress.document import Document, Mark
from ingress.problems import Path, Problem

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 200_000

_REFERENCE: Final = re.compile(r"\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")
_TAG: Final = "tag:yaml.org,2002:"


def parse(data: bytes, *, source: str, environment: Mapping[str, str] | None) -> Document:
    """Read the bytes of a file. Never raises: see ``Document.problems``.

    Without an ``environment`` it is a file that others wrote for others, such as an OpenAPI
    document: ``${`` means itself, and a number as a key is the text that stands there (``200:``).
    """
    if len(data) > MAX_BYTES:
        return _unreadable(source, f"the file is larger than {MAX_BYTES // 1024**2} MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return _unreadable(source, "this is not UTF-8 text", line=line)
    document = Document(source, text)
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        document.broken.add(())
        document.problems.append(_syntax(document, error))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        document.broken.add(())
        document.problems.append(document.problem((), f"this is not YAML: {_brief(error)}"))
    else:
        if node is not None:
            document.value = _Reader(document, environment).read(node, ())
    return document


class _Loader(yaml.SafeLoader):
    """Composes nodes only, with the scalars of YAML 1.2 core, to a bounded depth."""

    # The base's own YAML 1.1 resolvers are not wanted, so start from none.
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:  # noqa: ANN401
        if self.depth >= MAX_DEPTH:
            mark = self.get_mark()
            raise yaml.composer.ComposerError(
                None, None, f"nested deeper than {MAX_DEPTH} levels", mark
            )
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


# YAML 1.2.2 section 10.3.2.
_CORE: Final = (
    ("null", r"^(?:~|null|Null|NULL|)$", ("~", "n", "N", "")),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", tuple("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", tuple("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$",
        tuple("-+.0123456789"),
    ),
)
for _name, _pattern, _first in _CORE:
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), list(_first))


class _Reader:
    """Turns nodes into data, one pass, writing down marks and problems."""

    def __init__(self, document: Document, environment: Mapping[str, str] | None) -> None:
        self.document = document
        self.environment = environment
        self.count = 0
        self.open: set[int] = set()

    def read(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401 - it is YAML
        self.document.marks[path] = _mark(node)
        self.count += 1
        if self.count > MAX_VALUES:
            if self.count == MAX_VALUES + 1:
                self._broken(path, "too many values; are aliases multiplying?")
            return None
        if id(node) in self.open:
            return self._broken(path, "this alias contains itself")
        self.open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
                return self._mapping(node, path)
            if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
                return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
            if isinstance(node, yaml.ScalarNode):
                return self._scalar(node, path)
        finally:
            self.open.discard(id(node))
        return self._broken(path, f"the tag {node.tag} is not known here", "take the tag away")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not self._is_key(key_node):
                self._complain(path, "a key must be a text", "quote it", at=_mark(key_node))
                continue
            key = key_node.value
            place = (*path, key)
            if key in data:
                first = self.document.key_marks[place].line
                self._complain(
                    place,
                    f"{key!r} stands here twice, first in line {first}",
                    "keep one of the two",
                    at=_mark(key_node),
                )
                continue
            self.document.key_marks[place] = _mark(key_node)
            data[key] = self.read(value_node, place)
        return data

    def _is_key(self, node: yaml.Node) -> bool:
        if not isinstance(node, yaml.ScalarNode):
            return False
        return node.tag == _TAG + "str" or (self.environment is None and node.tag == _TAG + "int")

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:  # noqa: ANN401
        text, tag = node.value, node.tag.removeprefix(_TAG)
        if tag == "str" and "${" in text and self.environment is not None:
            before = len(self.document.problems)
            text = _REFERENCE.sub(lambda match: self._look_up(match, path), text)
            if len(self.document.problems) > before:
                return None
            if node.style is None:
                # Unquoted, so it is what it looks like: `attempts: ${N:-3}` is a number.
                tag = _Resolver.tag_of(text)
        convert = _CONVERT.get(tag)
        if convert is None:
            return self._broken(path, f"the tag {node.tag} is not known here", "take the tag away")
        try:
            return convert(text)
        except ValueError:
            return self._broken(path, f"this cannot be read as {tag}")

    def _look_up(self, match: re.Match[str], path: Path) -> str:
        name, default = match.groups()
        if match.group() == "$${":
            return "${"
        if name is None:
            self._broken(path, "a reference is written ${NAME} or ${NAME:-default}", "$${ for ${")
            return ""
        self.document.from_environment.add(path)
        value = (self.environment or {}).get(name)
        if default is not None:
            return value or default
        if value is None:
            hint = f"export {name}=..., or give a default: ${{{name}:-...}}"
            self._broken(path, f"the environment variable {name} is not set", hint)
            return ""
        return value

    def _broken(self, path: Path, message: str, hint: str = "") -> None:
        self.document.broken.add(path)
        self._complain(path, message, hint)

    def _complain(self, path: Path, message: str, hint: str = "", at: Mark | None = None) -> None:
        self.document.problems.append(self.document.problem(path, message, hint=hint, at=at))


class _Resolver:
    """Says what an unquoted text looks like."""

    @staticmethod
    def tag_of(text: str) -> str:
        for name, pattern, _ in _CORE:
            if re.match(pattern, text) and not text.endswith("\n"):
                return name
        return "str"


def _integer(text: str) -> int:
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError(text)
    return text.lower() == "true"


def _float(text: str) -> float:
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_CONVERT: Final[Mapping[str, Any]] = {
    "str": str,
    "null": lambda _: None,
    "bool": _boolean,
    "int": _integer,
    "float": _float,
}


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _syntax(document: Document, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    at = Mark(mark.line + 1, mark.column + 1) if mark else None
    hint = ""
    quote = document.lines[at.line - 1] if at and at.line <= len(document.lines) else ""
    if "${" in quote and "{" in quote.split("${")[0]:
        hint = "inside { } quote a reference to the environment"
    elif "\t" in quote:
        hint = "YAML is indented with spaces, not tabs"
    elif "<block end>" in (error.problem or ""):
        hint = "is it indented as its neighbours are?"
    message = ", ".join(part for part in (error.context, error.problem) if part)
    return document.problem((), f"this is not YAML: {message}", hint=hint, at=at)


def _brief(error: Exception) -> str:
    return "nested too deep" if isinstance(error, RecursionError) else str(error).split("\n")[0]


def _unreadable(source: str, message: str, line: int = 0) -> Document:
    document = Document(source, "")
    document.broken.add(())
    document.problems.append(
        Problem(file=source, line=line, column=1 if line else 0, message=message)
    )
    return document
