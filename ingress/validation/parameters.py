"""Path, query and header parameters as the values that their texts stand for.

A parameter is text on the wire, and its schema says what it means: ``limit=20`` is a number where
the schema wants one. How lists and objects are written is OpenAPI's ``style`` and ``explode`` (3.1,
section 4.8.12.3), which are RFC 6570's forms. The texts are read as the SDK's workers read them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal
from urllib.parse import unquote_to_bytes

import msgspec

from contracts.fault import Fault
from ingress.validation.checker import Checker, Violation

Place = Literal["path", "query", "header"]
# Name to texts: decoded but for those of the query, where a comma may be one of the value.
Texts = Mapping[str, list[str]]

ABSENT: Final = object()
MOST_FIELDS: Final = 1000
"""As many as anybody needs in a query, and few enough that a hostile one costs nothing."""

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,4000})(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,4000})(\.0+)?")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ALL: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_STYLES: Final = {"path": "simple", "query": "form", "header": "simple"}
_SEPARATORS: Final = {
    "spaceDelimited": re.compile(r"%20|\+| "),
    "pipeDelimited": re.compile(r"\||%7[Cc]"),
}
_COMMA: Final = re.compile(",")


Members = Mapping[str, Callable[[list[Any]], Any]]
"""How the fields of a form are read: by name, what makes a value of its texts."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter as it was described; ``schema`` stands for itself, without references."""

    name: str
    place: Place
    schema: Any = True
    required: bool = False
    style: str = ""
    explode: bool | None = None


class Parameter:
    """Reads one parameter and checks it."""

    __slots__ = ("_checker", "_read", "_text", "name", "names", "place", "required")

    def __init__(self, form: Form, checker: Checker) -> None:
        self.name, self.place = form.name, form.place
        self.required = form.required or form.place == "path"
        self._checker = checker
        types = types_of(form.schema)
        self._text = "string" in types
        style = form.style or _STYLES[form.place]
        explode = style == "form" if form.explode is None else form.explode
        self._read, self.names = _reader(form, types, style, explode=explode)

    def violations(self, texts: Texts) -> list[Violation]:
        """Say what is wrong with it, given all texts of its place."""
        try:
            value = self._read(texts)
        except _Unreadable as error:
            return [Violation("", str(error), "style")]
        if value is ABSENT:
            return [Violation("", "is required", "required")] if self.required else []
        if self._checker.fits(value):
            return []
        if self._text and not isinstance(value, str | list | dict):
            # A text that looks like a number is a text all the same.
            text = texts[self.name][0]
            if self._checker.fits(_decoded(text) if self.place == "query" else text):
                return []
        return self._checker.violations(value)

    def __repr__(self) -> str:
        return f"<Parameter {self.place} {self.name}>"


class _Unreadable(ValueError):
    """The text of a parameter is not written in its style."""


def parse_query(query: str) -> dict[str, list[str]]:
    """Give the texts of a query by decoded name, themselves still encoded.

    Raises Fault ``invalid_request`` for more than :data:`MOST_FIELDS`, and for what is not UTF-8.
    """
    found: dict[str, list[str]] = {}
    if not query:
        return found
    if query.count("&") >= MOST_FIELDS or _BAD_ESCAPE.search(query):
        raise Fault("invalid_request", "the query string cannot be read")
    for pair in filter(None, query.split("&")):
        name, _, text = pair.partition("=")
        found.setdefault(_decoded(name), []).append(text)
    return found


def members_of(schema: Any) -> Members:  # noqa: ANN401 - a schema without references
    """Give what reads the fields of a form as the members of an object that a schema wants."""
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    return {name: _member(one) for name, one in properties.items()}


def _member(schema: Any) -> Callable[[list[Any]], Any]:  # noqa: ANN401
    types = types_of(schema)
    listed = types != _ALL and "array" in types
    scalar = _scalar(types_of(schema.get("items", True)) if listed else types)

    def read(values: list[Any]) -> Any:  # noqa: ANN401
        # A file is an object already.
        made = [scalar(one) if isinstance(one, str) else one for one in values]
        return made if listed or len(made) != 1 else made[0]

    return read


def types_of(schema: Any) -> frozenset[str]:  # noqa: ANN401 - a schema without references
    """Give the JSON types that a value may have, as far as the schema says at its top."""
    if not isinstance(schema, dict):
        return _ALL
    types = _ALL
    if "type" in schema:
        said = schema["type"]
        types &= frozenset([said] if isinstance(said, str) else said)
        # Each integer is a number.
        types |= {"integer"} if "number" in types else set()
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        types &= frozenset().union(*(_type_of(value) for value in values))
    for branch in schema.get("allOf", ()):
        types &= types_of(branch)
    for word in ("anyOf", "oneOf"):
        if branches := schema.get(word):
            types &= frozenset().union(*(types_of(branch) for branch in branches))
    return types


def _type_of(value: object) -> frozenset[str]:
    kinds: Mapping[type, set[str]] = {
        str: {"string"},
        bool: {"boolean"},
        int: {"integer", "number"},
        float: {"integer", "number"},
        list: {"array"},
        dict: {"object"},
    }
    return frozenset(kinds.get(type(value), {"null"}))


def _scalar(types: frozenset[str]) -> Callable[[str], Any]:
    numbers, booleans = bool(types & {"integer", "number"}), "boolean" in types
    # An integer is written without an exponent: 1e100 is more than 64 bits in five characters.
    number = _NUMBER if "number" in types else _INTEGER
    if types == _ALL or not (numbers or booleans):
        return str

    def read(text: str) -> Any:  # noqa: ANN401
        if numbers and number.fullmatch(text):
            return msgspec.json.decode(text)
        return _BOOLEANS.get(text.lower(), text) if booleans else text

    return read


def _reader(
    form: Form, types: frozenset[str], style: str, *, explode: bool
) -> tuple[Callable[[Texts], Any], frozenset[str]]:
    """Give what reads the parameter, and the names under which its texts stand."""
    name, decode = form.name, _decoded if form.place == "query" else str
    if types != _ALL and "object" in types:
        return _object_reader(form, style, decode, explode=explode)
    if types != _ALL and "array" in types:
        items = form.schema.get("items", True) if isinstance(form.schema, dict) else True
        item = _scalar(types_of(items))
        split = _splitter(form.place, style, name, explode=explode)

        def read_list(texts: Texts) -> Any:  # noqa: ANN401
            found = texts.get(name)
            return ABSENT if found is None else [item(decode(text)) for text in split(found)]

        return read_list, frozenset({name})
    scalar, bare = _scalar(types), _bare(style, name)

    def read(texts: Texts) -> Any:  # noqa: ANN401
        found = texts.get(name)
        if found is None:
            return ABSENT
        if len(found) > 1:
            # Which one is meant? Proxies and frameworks disagree, and attackers use it.
            raise _Unreadable("is given more than once")
        return scalar(decode(bare(found[0])))

    return read, frozenset({name})


def _bare(style: str, name: str) -> Callable[[str], str]:
    """Give what takes the prefix away that RFC 6570 puts before a label or a matrix parameter."""
    prefix = {"label": ".", "matrix": f";{name}="}.get(style)
    if prefix is None:
        return str

    def strip(text: str) -> str:
        if not text.startswith(prefix):
            raise _Unreadable(f"must begin with {prefix}")
        return text.removeprefix(prefix)

    return strip


def _splitter(
    place: Place, style: str, name: str, *, explode: bool
) -> Callable[[list[str]], list[str]]:
    if place == "query" and explode:
        return list
    separator, bare = _SEPARATORS.get(style, _COMMA), _bare(style, name)
    if explode and style in {"label", "matrix"}:
        separator = re.compile(re.escape("." if style == "label" else f";{name}="))

    def split(texts: list[str]) -> list[str]:
        if len(texts) > 1 and place == "query":
            raise _Unreadable("is given more than once")
        # Several fields of one name are one list (RFC 9110 section 5.3).
        whole = bare(",".join(texts))
        parts = separator.split(whole) if whole else []
        return [part.strip() for part in parts] if place == "header" else parts

    return split


def _object_reader(
    form: Form, style: str, decode: Callable[[str], str], *, explode: bool
) -> tuple[Callable[[Texts], Any], frozenset[str]]:
    name = form.name
    properties = form.schema.get("properties", {}) if isinstance(form.schema, dict) else {}
    members = {key: _scalar(types_of(schema)) for key, schema in properties.items()}

    def built(pairs: Mapping[str, list[str]]) -> dict[str, Any]:
        if any(len(texts) > 1 for texts in pairs.values()):
            raise _Unreadable("has a member that is given more than once")
        return {key: members.get(key, str)(decode(texts[0])) for key, texts in pairs.items()}

    if style == "deepObject":
        keys = re.compile(rf"{re.escape(name)}\[([^\[\]]+)\]")

        def read_deep(texts: Texts) -> Any:  # noqa: ANN401
            matches = {key: keys.fullmatch(key) for key in texts}
            return built({m[1]: texts[key] for key, m in matches.items() if m}) or ABSENT

        return read_deep, frozenset(f"{name}[{key}]" for key in members)
    if form.place == "query" and explode:

        def read_members(texts: Texts) -> Any:  # noqa: ANN401
            return built({key: texts[key] for key in members if key in texts}) or ABSENT

        return read_members, frozenset(members)
    split = _splitter(form.place, style, name, explode=False)

    def read_pairs(texts: Texts) -> Any:  # noqa: ANN401
        found = texts.get(name)
        return ABSENT if found is None else built(_pairs(split(found), decode, explode=explode))

    return read_pairs, frozenset({name})


def _pairs(
    parts: list[str], decode: Callable[[str], str], *, explode: bool
) -> dict[str, list[str]]:
    """Read ``x=1,y=2`` (explode) or ``x,1,y,2``, once split."""
    if explode:
        parts = [half for part in parts for half in part.partition("=")[::2]]
    if len(parts) % 2:
        raise _Unreadable("must be pairs of a name and a value")
    pairs: dict[str, list[str]] = {}
    for key, text in zip(parts[::2], parts[1::2], strict=True):
        pairs.setdefault(decode(key), []).append(text)
    return pairs


def _decoded(text: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise Fault("invalid_request", "the query string cannot be read") from None
