"""What each route's requests and replies must look like: sources found, compared, compiled.

Where several sources speak of a part, the route file's word is first, then the OpenAPI file's, then
the operation's own. Two that cannot both be right are an error in the file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from contracts.operation import Operation
from ingress.problems import ConfigError, Problem
from ingress.problems import Path as Place
from ingress.routefile import RouteFile
from ingress.routesections import RouteSection
from ingress.transform.sections import TransformSection
from ingress.validation import comparison, contract, openapi
from ingress.validation.checker import Checker, UnusableSchemaError, plain
from ingress.validation.parameters import Form, Parameter, members_of
from ingress.validation.sections import ParameterSection, ValidateSection
from ingress.validation.shape import Shape
from ingress.validation.shelf import Shelf
from ingress.validation.source import Source

_SECTIONS: Final[tuple[tuple[str, Any], ...]] = (
    ("path", "path"),
    ("query", "query"),
    ("headers", "header"),
)


def compile_shapes(route_file: RouteFile) -> dict[int, Shape]:
    """Compile the shapes of all routes that say ``validate``, by their place in the file.

    Raises ``ConfigError`` with all that is wrong with them.
    """
    shelf = Shelf(Path(route_file.document.source).parent)
    found: dict[int, Shape] = {}
    problems: list[Problem] = []
    for index, route in enumerate(route_file.routes):
        if route.validate_ is None:
            continue
        try:
            found[index] = _Compiler(route_file, index, shelf).shape()
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(dict.fromkeys(problems))
    return found


class _Compiler:
    """Compiles the shape of one route."""

    def __init__(self, route_file: RouteFile, index: int, shelf: Shelf) -> None:
        self._file = route_file
        self._route: RouteSection = route_file.routes[index]
        section = self._route.validate_
        self._section: ValidateSection = section or ValidateSection()
        self._path: Place = ("routes", index, "validate")
        self._shelf = shelf
        self._pattern = route_file.pattern_of(index)

    def shape(self) -> Shape:
        sources = list(self._sources())
        if not sources:
            raise self._error(
                (),
                f"nothing here knows what {self._route.operation} takes",
                hint="describe it here, by `openapi`, or by the service's `contract`",
            )
        section = self._section
        bodies = [source for source in sources if source.body is not None]
        replies = [source for source in sources if source.replies]
        forms: dict[tuple[str, str], tuple[Form, Source]] = {}
        for source in reversed(sources):
            forms |= {key: (form, source) for key, form in source.parameters.items()}
        parameters = tuple(self._parameter(form, source) for form, source in forms.values())
        known = frozenset(name for one in parameters if one.place == "query" for name in one.names)
        return Shape(
            parameters=parameters,
            query_names=known if section.unknown_query == "refuse" else None,
            body=self._checker(bodies[0].body, bodies[0], "body") if bodies else None,
            members=members_of(plain(bodies[0].body, bodies[0].library)) if bodies else {},
            body_required=bool(bodies) and bodies[0].body_required,
            replies={
                status: self._checker(schema, replies[0], "reply")
                for status, schema in (replies[0].replies.items() if replies else ())
            },
            on_reply=section.replies if replies else "off",
            most=section.errors,
            sources=tuple(source.name for source in sources),
        )

    def _sources(self) -> Iterator[Source]:
        """Give the sources, the strongest first, once they agree."""
        public = [one for one in (self._own(), self._openapi()) if one is not None]
        found: list[Problem] = []
        formats = self._section.formats
        if len(public) > 1:
            found += map(
                self._disagreed(public[0]),
                comparison.differences(public[0], public[1], formats=formats),
            )
        operations = contract.operations_of(self._file, self._route.operation.partition(".")[0])
        operation = (operations or {}).get(self._route.operation)
        private = self._untransformed(operation) if operation else None
        if private is not None:
            for source in public:
                found += map(
                    self._disagreed(source),
                    comparison.disagreements(source, private, formats=formats),
                )
        if found:
            raise ConfigError(found)
        yield from public
        if private:
            yield private

    def _untransformed(self, operation: Operation) -> Source:
        """Give what the operation says of what clients see: not of what is made for it."""
        source = contract.source_of(operation, self._pattern)
        transform = self._route.transform or TransformSection()
        request, reply = transform.request, transform.reply
        if request is not None and request.body:
            source = msgspec.structs.replace(source, body=None)
        if request is not None and (request.query or request.path):
            source = msgspec.structs.replace(source, parameters={})
        if reply is not None and reply.body:
            source = msgspec.structs.replace(source, replies={})
        return source

    def _own(self) -> Source | None:
        section = self._section
        parameters: dict[tuple[Any, str], Form] = {}
        for key, place in _SECTIONS:
            asked: Mapping[str, ParameterSection] = getattr(section, key) or {}
            for name, one in asked.items():
                if place == "path" and name not in self._pattern.names:
                    raise self._error((key, name), "the route has no such parameter")
                parameters[place, name.lower() if place == "header" else name] = Form(
                    name=name.lower() if place == "header" else name,
                    place=place,
                    schema=self._placed(one.schema_, (key, name, "schema")),
                    required=one.required,
                    style=one.style or "",
                    explode=one.explode,
                )
        body = None if section.body is None else self._placed(section.body, ("body",))
        reply = None if section.reply is None else self._placed(section.reply, ("reply",))
        if not parameters and body is None and reply is None:
            return None
        return Source(
            name=self._file.document.source,
            library=self._shelf.library,
            parameters=parameters,
            body=body,
            body_required=section.body_required,
            replies={} if reply is None else {"2XX": reply},
        )

    def _openapi(self) -> Source | None:
        section = self._section
        if section.openapi is None:
            return None
        try:
            source = openapi.read(
                self._shelf, section.openapi, self._pattern, section.operation_id or ""
            )
        except UnusableSchemaError as error:
            raise self._error(("openapi",), str(error)) from None
        for form in source.parameters.values():
            if form.place == "path" and form.name not in self._pattern.names:
                message = (
                    f"{source.name} has a path parameter {form.name!r}, and the route has none"
                )
                raise self._error(("openapi",), message, hint="name it so in `route`")
        return source

    def _placed(self, schema: Any, path: Place) -> Any:  # noqa: ANN401 - as written
        try:
            return self._shelf.place(schema, ".".join(map(str, (*self._path[1:], *path))))
        except UnusableSchemaError as error:
            raise self._error(path, str(error)) from None

    def _parameter(self, form: Form, source: Source) -> Parameter:
        part = f"{form.place} {form.name}"
        checker = self._checker(form.schema, source, part)
        # Without references, for the types that its text may stand for.
        schema = plain(form.schema, source.library)
        return Parameter(msgspec.structs.replace(form, schema=schema), checker)

    def _checker(self, schema: Any, source: Source, part: str) -> Checker:  # noqa: ANN401
        section = self._section
        try:
            return Checker(
                schema,
                library=source.library,
                formats=section.formats,
                most=section.errors,
            )
        except UnusableSchemaError as error:
            place = self._where(source, part)
            where = source.lines.get(part)
            raise self._error(place, f"{where}: {error}" if where else str(error)) from None

    def _disagreed(self, source: Source) -> Any:  # noqa: ANN401 - a function for map
        def problem(found: comparison.Disagreement) -> Problem:
            where = source.lines.get(found.part)
            message = f"{found.part}: {found.message}"
            return self._problem(
                self._where(source, found.part),
                f"{where}: {message}" if where else message,
                hint="one of the two is wrong",
            )

        return problem

    def _where(self, source: Source, part: str) -> Place:
        """Give the place in the route file that a part of a source belongs to."""
        if source.name != self._file.document.source:
            return ("openapi",) if self._section.openapi else ()
        kind, _, name = part.partition(" ")
        key = {"header": "headers"}.get(kind, kind)
        return (key, name, "schema") if name else (key,)

    def _problem(self, path: Place, message: str, *, hint: str = "") -> Problem:
        return self._file.document.problem((*self._path, *path), message, hint=hint)

    def _error(self, path: Place, message: str, *, hint: str = "") -> ConfigError:
        return ConfigError([self._problem(path, message, hint=hint)])
