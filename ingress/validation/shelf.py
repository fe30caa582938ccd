"""The documents that schemas stand in: the route file's own, and the files beside it.

A reference is followed to other files, never over a network: whoever serves a URL could change what
this gateway lets through.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import msgspec

from ingress import yamlfile
from ingress.document import Document, Mark
from ingress.validation.checker import Library, UnusableSchemaError

_MOST_FILES: Final = 200


class Shelf:
    """Documents by their URI; ``folder`` is where relative names begin."""

    def __init__(self, folder: Path) -> None:
        self._base = f"{folder.absolute().as_uri()}/"
        self._values: dict[str, Any] = {}
        self._documents: dict[str, Document] = {}
        self._library: Library | None = None

    @property
    def library(self) -> Library:
        """All documents, for a Checker."""
        if self._library is None:
            self._library = Library(self._values)
        return self._library

    def place(self, schema: Any, name: str) -> dict[str, Any] | bool:  # noqa: ANN401 - as written
        """Give the reference to a schema as it stands in the route file.

        ``name`` is a unique one for a schema that is written out. Raises ``UnusableSchemaError``
        for a file that is not there or no document.
        """
        if isinstance(schema, bool):
            return schema
        if isinstance(schema, str):
            return {"$ref": self.open(schema)}
        uri = urljoin(self._base, quote(f"<{name}>"))
        self._add(uri, schema)
        return {"$ref": uri}

    def open(self, reference: str) -> str:
        """Read a file and those that it refers to; give its URI, with the fragment it came with."""
        address, fragment = urldefrag(reference)
        uri = urljoin(self._base, quote(address))
        self._read(uri, address)
        return f"{uri}#{quote(unquote(fragment), safe='/~$:@!&()*+,;=')}" if fragment else uri

    def value(self, uri: str) -> Any:  # noqa: ANN401 - a document
        """Give the document of a URI that ``open`` gave."""
        return self._values[urldefrag(uri)[0]]

    def replace(self, uri: str, value: object) -> None:
        """Put another document in the place of one: an OpenAPI 3.0 one, brought up to date."""
        self._values[urldefrag(uri)[0]] = value
        self._library = None

    def mark(self, uri: str, path: tuple[str | int, ...]) -> Mark | None:
        """Say where something stands in a YAML or JSON file."""
        document = self._documents.get(urldefrag(uri)[0])
        return document.mark(path) if document else None

    def _add(self, uri: str, value: object) -> None:
        if len(self._values) >= _MOST_FILES:
            raise UnusableSchemaError(f"it refers to more than {_MOST_FILES} files")
        self._values[uri] = value
        self._library = None
        for reference in _references(value):
            target = urldefrag(urljoin(uri, reference))[0]
            # What leads elsewhere is refused by the validator, if it is ever needed.
            if target.startswith("file:"):
                self._read(target, reference)

    def _read(self, uri: str, name: str) -> None:
        if uri in self._values:
            return
        path = Path(unquote(urlsplit(uri).path))
        try:
            with path.open("rb") as file:
                data = file.read(yamlfile.MAX_BYTES + 1)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise UnusableSchemaError(f"{name} cannot be read: {why}") from None
        # YAML holds JSON, and knows where things stand.
        document = yamlfile.parse(data, source=str(path), environment=None)
        if document.problems:
            raise UnusableSchemaError(str(document.problems[0]))
        if not isinstance(document.value, dict | bool):
            raise UnusableSchemaError(f"{name} holds no schema")
        self._documents[uri] = document
        self._add(uri, document.value)


def _references(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            reference = one.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                yield reference
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def step(value: Any, *steps: str) -> Any:  # noqa: ANN401 - a document
    """Go down into a document as far as there is something."""
    for one in steps:
        value = value.get(one) if isinstance(value, Mapping) else None
    return value


def same(left: object, right: object) -> bool:
    """Say whether two values are the same JSON."""
    return msgspec.json.encode(left, order="deterministic") == msgspec.json.encode(
        right, order="deterministic"
    )
