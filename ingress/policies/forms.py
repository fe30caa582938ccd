"""Make the forms of web pages JSON objects, so that nobody behind need know another form.

A text becomes a number or a list where the schema of ``validate`` wants one, as in a query.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import msgspec

from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.policies.port import Request, Slot
from ingress.representation.forms import Limits, is_multipart, read
from ingress.validation.parameters import Members

_URLENCODED: Final = "application/x-www-form-urlencoded"
# What was true of the form alone.
_UNTRUE: Final = frozenset({"content-type", "content-length", "content-digest"})
# Bytes. A larger form is read in a thread: it may be some milliseconds, and others wait.
_AT_ONCE: Final = 256 * 1024


class ReadForms:
    """Answers 413 for a form that has or is too much, 400 for what is none."""

    name = "forms"
    slot = Slot.SHAPE

    def __init__(self, limits: Limits, members: Members) -> None:
        self._limits = limits
        self._members = members

    def admit(self, flow: Request) -> Reply | Awaitable[Reply | None] | None:
        call = flow.call
        kind = content.kind_of(call.header("content-type"))
        if not call.body:
            return None
        if kind == _URLENCODED:
            fields = content.value(flow)
            self._replace(flow, self._held(fields))
        elif is_multipart(kind):
            if len(call.body) > _AT_ONCE:
                return self._later(flow)
            self._replace(flow, read(call.header("content-type"), call.body, self._limits))
        return None

    def settings(self) -> Mapping[str, Any]:
        limits = self._limits
        return {"parts": limits.parts, "field_size": limits.field, "file_size": limits.file}

    async def _later(self, flow: Request) -> Reply | None:
        call = flow.call
        header = call.header("content-type")
        self._replace(flow, await asyncio.to_thread(read, header, call.body, self._limits))
        return None

    def _held(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Hold a form that was read without limits of its own to those of this route."""
        texts = [one for value in fields.values() for one in _listed(value)]
        limits = self._limits
        if len(texts) > limits.parts or any(len(one.encode()) > limits.field for one in texts):
            raise Fault(
                "too_large",
                f"a form has at most {limits.parts} parts here, and {limits.field} bytes a field",
            )
        return fields

    def _replace(self, flow: Request, fields: Mapping[str, Any]) -> None:
        readers = self._members
        value = {
            name: readers[name](_listed(field)) if name in readers else field
            for name, field in fields.items()
        }
        headers = tuple(pair for pair in flow.call.headers if pair[0] not in _UNTRUE)
        flow.call = msgspec.structs.replace(
            flow.call,
            headers=(*headers, ("content-type", "application/json")),
            body=msgspec.json.encode(value),
        )
        content.remember(flow, value)

    def __repr__(self) -> str:
        return f"<ReadForms {self._limits!r}>"


def build(asked: Mapping[str, Any]) -> ReadForms | None:
    """Build it for a route that has ``forms``."""
    settings = asked.get("forms", "off")
    if settings == "off":
        return None
    shape = asked.get("shape")
    limits = Limits(settings["parts"], settings["field_size"], settings["file_size"])
    return ReadForms(limits, shape.members if shape else {})


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - a field, or several
    return value if isinstance(value, list) else [value]
