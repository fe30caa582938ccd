"""An OpenAPI document (3.0, 3.1) as a source of schemas.

3.1 uses JSON Schema 2020-12 as it is. 3.0 has a dialect of its own, whose words are brought up to
date while the document is read: ``nullable``, and ``exclusiveMinimum`` as a yes or no. Parameters
in cookies are passed over.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

from ingress import content, pattern
from ingress.validation.checker import UnusableSchemaError
from ingress.validation.parameters import Form, Place
from ingress.validation.shelf import Shelf, step
from ingress.validation.source import Source

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PLACES: Final[Mapping[str, Place]] = {"path": "path", "query": "query", "header": "header"}
# Described elsewhere (OpenAPI 3.1 section 4.8.12.2.1).
_NOT_HEADERS: Final = frozenset({"accept", "content-type", "authorization"})
_PREFERRED: Final = ("application/json", "text/json")


def read(shelf: Shelf, file: str, route: pattern.Pattern, operation_id: str = "") -> Source:
    """Find a route in an OpenAPI file: by ``operation_id``, or by its method and path.

    The path may stand below that of one of the document's servers. Raises ``UnusableSchemaError``
    with a sentence for a file without the route, or that is no OpenAPI document.
    """
    uri = shelf.open(file)
    document = shelf.value(uri)
    version = str(step(document, "openapi") or "")
    if not version.startswith(("3.0", "3.1")):
        raise UnusableSchemaError(f"{file} is no OpenAPI 3.0 or 3.1 document")
    if version.startswith("3.0"):
        document = modern(document)
        shelf.replace(uri, document)
    path, method = _find(document, file, route, operation_id)
    return _Reader(shelf, uri, document, file, (path, method)).source()


def modern(value: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Bring what OpenAPI 3.0 says otherwise to JSON Schema 2020-12."""
    if isinstance(value, list):
        return [modern(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: modern(one) for key, one in value.items()}
    for word, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if found.get(word) is True and bound in found:
            found[word] = found.pop(bound)
        elif found.get(word) is False:
            del found[word]
    if found.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if isinstance(found.get("enum"), list) and None not in found["enum"]:
            found["enum"] = [*found["enum"], None]
    return found


def _find(
    document: Mapping[str, Any], file: str, route: pattern.Pattern, operation_id: str
) -> tuple[str, str]:
    every = list(_operations(document))
    if operation_id:
        found = [at for at, one in every if one.get("operationId") == operation_id]
        if not found:
            raise UnusableSchemaError(f"{file} has no operation {operation_id!r}")
        return found[0]
    roots = [urlsplit(str(step(one, "url") or "")).path.rstrip("/") for one in _servers(document)]
    methods = [route.method.lower()] if route.method != pattern.ANY else list(_METHODS)
    for method in methods:
        for (path, its), _ in every:
            shapes = {_shape(f"{root}{path}") for root in ["", *roots]}
            if its == method and _shape(route.path) in shapes:
                return path, its
    raise UnusableSchemaError(f"{file} describes no {route}")


def _servers(document: Mapping[str, Any]) -> list[Any]:
    servers = document.get("servers")
    return servers if isinstance(servers, list) else []


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method in _METHODS:
            if isinstance(one := step(item, method), dict):
                yield (path, method), one


def _shape(path: str) -> tuple[str, ...]:
    """Give the path with its parameters' names gone: they are only names."""
    return tuple("{}" if part.startswith("{") else part for part in path.split("/"))


class _Reader:
    """Reads one operation of a document."""

    def __init__(
        self,
        shelf: Shelf,
        uri: str,
        document: Mapping[str, Any],
        file: str,
        at: tuple[str, str],
    ) -> None:
        self._shelf, self._uri, self._document, self._file = shelf, uri, document, file
        self._path: tuple[str, ...] = ("paths", *at)

    def source(self) -> Source:
        item, operation = self._path[:-1], self._path
        parameters: dict[tuple[Place, str], Form] = {}
        lines: dict[str, str] = {}
        for where in (item, operation):
            listed = step(self._document, *where, "parameters")
            for index in range(len(listed) if isinstance(listed, list) else 0):
                place = self._resolve((*where, "parameters", str(index)))
                form = self._form(place)
                if form is not None:
                    parameters[form.place, form.name] = form
                    lines[f"{form.place} {form.name}"] = self._line(place)
        body = self._resolve((*operation, "requestBody"))
        schema = self._content(body)
        replies = self._replies((*operation, "responses"))
        lines["body"], lines["reply"] = self._line(body), self._line((*operation, "responses"))
        return Source(
            name=self._file,
            library=self._shelf.library,
            parameters=parameters,
            body=schema,
            body_required=self._at(body, "required") is True,
            replies=replies,
            lines=lines,
        )

    def _at(self, path: tuple[str, ...], *more: str) -> Any:  # noqa: ANN401
        value = self._document
        for one in (*path, *more):
            if isinstance(value, list) and one.isdecimal():
                value = value[int(one)] if int(one) < len(value) else None
            else:
                value = step(value, one)
        return value

    def _resolve(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """Follow references to components, inside the document."""
        for _ in range(10):
            reference = self._at(path, "$ref")
            if not isinstance(reference, str):
                return path
            if not reference.startswith("#/"):
                raise UnusableSchemaError(
                    f"{self._file}: {reference}: only schemas may stand in another file"
                )
            steps = reference[2:].split("/")
            path = tuple(one.replace("~1", "/").replace("~0", "~") for one in steps)
        raise UnusableSchemaError(f"{self._file}: a reference leads in a circle")

    def _form(self, path: tuple[str, ...]) -> Form | None:
        described = self._at(path)
        name, place = step(described, "name"), _PLACES.get(str(step(described, "in")))
        if not isinstance(name, str) or place is None:
            return None
        if place == "header":
            name = name.lower()
            if name in _NOT_HEADERS:
                return None
        explode = step(described, "explode")
        return Form(
            name=name,
            place=place,
            schema=self._reference((*path, "schema")) if "schema" in described else True,
            required=step(described, "required") is True,
            style=str(step(described, "style") or ""),
            explode=explode if isinstance(explode, bool) else None,
        )

    def _content(self, path: tuple[str, ...]) -> Any:  # noqa: ANN401
        """Give the schema of the media type that can be read, JSON first."""
        kinds = self._at(path, "content")
        readable = [
            kind
            for kind in (kinds if isinstance(kinds, dict) else ())
            if content.parser_of(content.kind_of(kind)) or kind.startswith("multipart/form-data")
        ]
        if not readable:
            return None
        best = min(readable, key=lambda kind: (kind not in _PREFERRED, "json" not in kind))
        media = (*path, "content", best)
        return (
            self._reference((*media, "schema")) if self._at(media, "schema") is not None else None
        )

    def _replies(self, path: tuple[str, ...]) -> dict[str, Any]:
        found = {}
        statuses = self._at(path)
        for status in statuses if isinstance(statuses, dict) else ():
            schema = self._content(self._resolve((*path, status)))
            if schema is not None:
                found[status.upper() if status != "default" else status] = schema
        return found

    def _reference(self, path: tuple[str, ...]) -> dict[str, str]:
        fragment = "/".join(one.replace("~", "~0").replace("/", "~1") for one in path)
        return {"$ref": f"{self._uri}#/{quote(fragment, safe='/~$:@!&()*+,;=')}"}

    def _line(self, path: tuple[str, ...]) -> str:
        steps = tuple(int(one) if one.isdecimal() and "parameters" in path else one for one in path)
        mark = self._shelf.mark(self._uri, steps)
        return f"{self._file}:{mark.line}" if mark else self._file
