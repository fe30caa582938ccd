"""multipart/form-data (RFC 7578) as fields: bounded in parts and sizes, strict in its form."""

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import multipart

from contracts.fault import Fault

_MULTIPART: Final = "multipart/form-data"
_HEADERS: Final = 8
_HEADER: Final = 4096


class Limits(msgspec.Struct, frozen=True):
    """How much a form may hold: parts, and bytes of a field and of a file (0: no files)."""

    parts: int
    field: int
    file: int


def is_multipart(kind: str) -> bool:
    """Say whether a media type is that of a form in parts."""
    return kind == _MULTIPART


def read(content_type: str, body: bytes, limits: Limits) -> dict[str, Any]:
    """Give the fields by name; of a name that comes again, a list.

    A part with a file name becomes ``{"filename", "content_type", "data"}``, its data in base64.
    Raises Fault ``too_large`` for what breaks a limit, before the rest is looked at, and
    ``invalid_request`` for what is no form.
    """
    found: dict[str, list[Any]] = {}
    try:
        _, options = multipart.parse_options_header(content_type)
        with multipart.PushMultipartParser(
            options.get("boundary", ""),
            max_header_size=_HEADER,
            max_header_count=_HEADERS,
            max_segment_count=limits.parts,
            max_segment_size=max(limits.field, limits.file),
            strict=True,
        ) as parser:
            _collect(parser, body, found, limits)
    except multipart.ParserLimitReached:
        raise Fault(
            "too_large",
            f"a form has at most {limits.parts} parts here, and {limits.field} bytes a field",
        ) from None
    except (multipart.MultipartError, ValueError) as error:
        raise Fault("invalid_request", f"the body is no form: {str(error)[:100]}") from None
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _collect(
    parser: multipart.PushMultipartParser, body: bytes, found: dict[str, list[Any]], limits: Limits
) -> None:
    segment: multipart.MultipartSegment | None = None
    data: list[bytes | bytearray] = []
    for event in parser.parse(body):
        if isinstance(event, multipart.MultipartSegment):
            segment, data = event, []
        elif event:
            data.append(event)
        elif segment is not None:
            _add(segment, b"".join(data), found, limits)
            segment = None


def _add(
    segment: multipart.MultipartSegment, data: bytes, found: dict[str, list[Any]], limits: Limits
) -> None:
    name = segment.name or ""
    if segment.filename is None:
        if len(data) > limits.field:
            raise multipart.ParserLimitReached("field")
        found.setdefault(name, []).append(data.decode("utf-8"))
        return
    if not limits.file:
        raise Fault("invalid_request", "files are not taken here")
    if len(data) > limits.file:
        raise multipart.ParserLimitReached("file")
    file: Mapping[str, str] = {
        "filename": segment.filename,
        "content_type": segment.content_type or "application/octet-stream",
        "data": base64.b64encode(data).decode("ascii"),
    }
    found.setdefault(name, []).append(file)
