"""Hold a request to its schemas: path, query, headers and body, all that is wrong at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.policies.port import Request, Slot
from ingress.validation.checker import Violation
from ingress.validation.parameters import Parameter, Texts, parse_query
from ingress.validation.shape import Shape


class Validate:
    """Answers 400 for parameters and 422 for a body that are not as the schemas say.

    When both are wrong it is 400, and ``errors`` tells of both.
    """

    name = "validate"
    slot = Slot.SHAPE

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._path = tuple(one for one in shape.parameters if one.place == "path")
        self._query = tuple(one for one in shape.parameters if one.place == "query")
        self._headers = tuple(one for one in shape.parameters if one.place == "header")
        self._reads_query = bool(self._query) or shape.query_names is not None

    def admit(self, flow: Request) -> Reply | None:
        errors = [*self._of_parameters(flow), *self._of_body(flow)]
        if errors:
            raise _refusal(errors[: self._shape.most])
        return None

    def settings(self) -> Mapping[str, Any]:
        shape = self._shape
        named = [f"{one.place} {one.name}" for one in shape.parameters]
        return {
            "sources": list(shape.sources),
            "checks": [*named, *(["body"] if shape.body else [])],
        }

    def _of_parameters(self, flow: Request) -> Iterable[dict[str, str]]:
        call = flow.call
        if self._path:
            yield from _wrong(self._path, {name: [text] for name, text in call.params.items()})
        if self._reads_query:
            texts = parse_query(call.query)
            yield from _wrong(self._query, texts)
            yield from self._unknown(texts)
        if self._headers:
            fields: dict[str, list[str]] = {}
            for name, text in call.headers:
                fields.setdefault(name, []).append(text)
            yield from _wrong(self._headers, fields)

    def _unknown(self, texts: Texts) -> Iterable[dict[str, str]]:
        names = self._shape.query_names
        if names is None:
            return
        for name in texts:
            if name not in names:
                detail = "is not known here"
                yield {"in": "query", "parameter": name[:100], "detail": detail, "keyword": ""}

    def _of_body(self, flow: Request) -> Iterable[dict[str, str]]:
        body = self._shape.body
        if body is None:
            return
        if not flow.call.body:
            if self._shape.body_required:
                raise Fault("invalid_request", "a body is required here, and there is none")
            return
        value = content.value(flow)
        if not body.fits(value):
            yield from map(_told, body.violations(value))

    def __repr__(self) -> str:
        return f"<Validate {', '.join(self._shape.sources)}>"


def build(asked: Mapping[str, Any]) -> Validate | None:
    """Build it for a route that says ``validate`` and whose schemas say anything of requests."""
    shape: Shape | None = asked.get("shape")
    if shape is None or not (shape.parameters or shape.body or shape.query_names is not None):
        return None
    return Validate(shape)


def _wrong(parameters: Iterable[Parameter], texts: Texts) -> Iterable[dict[str, str]]:
    for parameter in parameters:
        for found in parameter.violations(texts):
            error = {"in": parameter.place, "parameter": parameter.name}
            if found.pointer:
                error["pointer"] = found.pointer
            yield {**error, "detail": found.detail, "keyword": found.keyword}


def _told(found: Violation) -> dict[str, str]:
    return {"pointer": found.pointer, "detail": found.detail, "keyword": found.keyword}


def _refusal(errors: list[dict[str, str]]) -> Fault:
    first = errors[0]
    if "parameter" in first:
        detail = f"the {first['in']} parameter {first['parameter']!r} {first['detail']}"
        return Fault("invalid_request", detail, errors=errors)
    where = first["pointer"] or "the body"
    return Fault("invalid_body", f"{where} {first['detail']}", errors=errors)
