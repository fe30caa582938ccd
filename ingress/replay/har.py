"""Reads HAR 1.2, the format in which browsers and proxies save what they have seen.

Source: the HAR 1.2 specification (http://www.softwareishard.com/blog/har-12-spec/). Browsers differ
from it in small ways: Chrome leaves the cookies out, Firefox keeps bodies in base64, all write
header names as they came and pseudo headers of HTTP/2 with a colon. What is needed must be right;
what is not is passed over.
"""

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from ingress.journal.record import Content, JournalError, Level, Pairs, Record

MAX_BYTES: Final = 512 * 1024**2
"""A larger file is refused: it is read as a whole."""

_MS, _US = 1000, 1000


def read(path: Path) -> list[Record]:
    """Give the calls of a HAR file as records, in the order of their time.

    Raises ``JournalError`` that says what is wrong, with the number of the entry, from 1.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise JournalError(f"{path} has more than {MAX_BYTES // 1024**2} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise JournalError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    try:
        # Some write a byte order mark.
        document = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise JournalError(f"{path} is no HAR: {error}") from None
    entries = document.get("log") if isinstance(document, dict) else None
    entries = entries.get("entries") if isinstance(entries, dict) else None
    if not isinstance(entries, list):
        raise JournalError(f"{path} is no HAR: it has no log.entries")
    records = []
    for number, entry in enumerate(entries, 1):
        try:
            records.append(_record(entry, number))
        except (_Wrong, ValueError, OverflowError) as error:
            raise JournalError(f"{path}: entry {number}: {error}") from None
    return sorted(records, key=lambda record: record.started)


class _Wrong(Exception):
    """An entry is not what it should be."""


class _Ours(msgspec.Struct, frozen=True, kw_only=True):
    """What our own export says besides, in a field of its own as the specification allows.

    It says what an entry lacks: without it a body that was cut would be sent as if it were whole.
    """

    route: str = ""
    operation: str = ""
    code: str = ""
    caller: str = ""
    level: Level = "full"
    cut: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()


def _ours(value: Any) -> _Ours:  # noqa: ANN401 - JSON
    try:
        return msgspec.convert(value, _Ours)
    except msgspec.ValidationError as error:
        raise _Wrong(f"_queuegate: {error}") from None


def _record(entry: Any, number: int) -> Record:  # noqa: ANN401 - JSON
    request, response = _map(entry, "request"), _map(entry, "response")
    url = urlsplit(_text(request, "url", "request.url"))
    headers, replied = _headers(request, "request"), _headers(response, "response")
    body = _posted(request)
    reply = _content(response)
    replied = tuple(pair for pair in replied if pair[0] != "content-encoding")
    method = _text(request, "method", "request.method").upper()
    ours = _ours(entry.get("_queuegate", {}))
    started = _moment(_text(entry, "startedDateTime", "startedDateTime"))
    return Record(
        id=_first(replied, "x-request-id") or _first(headers, "x-request-id") or f"har-{number}",
        started=started,
        method=method,
        path=url.path or "/",
        # The path itself where no route is known: a HAR knows none.
        route=ours.route or f"{method} {url.path or '/'}",
        operation=ours.operation,
        code=ours.code,
        caller=ours.caller,
        cut=ours.cut,
        redacted=ours.redacted,
        status=_number(response, "status"),
        duration_us=max(0, round(_number(entry, "time") * _US)),
        level=ours.level,
        bytes_in=len(body),
        bytes_out=len(reply),
        content=Content(url.query, headers, body, replied, reply),
        place=f"{started}-{number}",
    )


def _map(value: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - JSON
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, dict):
        raise _Wrong(f"{name} is missing")
    return found


def _text(value: dict[str, Any], name: str, what: str) -> str:
    found = value.get(name)
    if not isinstance(found, str) or not found:
        raise _Wrong(f"{what} is missing")
    return found


def _number(value: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - an integer or a float
    found = value.get(name, 0)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise _Wrong(f"{name} is no number")
    # -1 is what tools write for what they do not know, and 0 for an answer that never came.
    return max(found, 0)


def _headers(value: dict[str, Any], what: str) -> Pairs:
    found = value.get("headers", [])
    if not isinstance(found, list):
        raise _Wrong(f"{what}.headers is no list")
    return tuple(_pairs(found, what))


def _pairs(found: list[Any], what: str) -> Iterator[tuple[str, str]]:
    for one in found:
        name, text = (one.get("name"), one.get("value")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(text, str):
            raise _Wrong(f"{what}.headers has one without name and value")
        # :authority and the like are HTTP/2's way to write the request line.
        if not name.startswith(":"):
            yield name.lower(), text


def _posted(request: dict[str, Any]) -> bytes:
    posted = request.get("postData")
    if posted is None:
        return b""
    if not isinstance(posted, dict) or not isinstance(posted.get("text", ""), str):
        raise _Wrong("request.postData is no object with a text")
    return _bytes(posted, "request.postData")


def _content(response: dict[str, Any]) -> bytes:
    content = response.get("content", {})
    if not isinstance(content, dict) or not isinstance(content.get("text", ""), str):
        raise _Wrong("response.content is no object with a text")
    return _bytes(content, "response.content")


def _bytes(value: dict[str, Any], what: str) -> bytes:
    text: str = value.get("text", "")
    if value.get("encoding") != "base64":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _Wrong(f"{what}.text is no base64") from None


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong(f"startedDateTime {text[:40]!r} is no ISO 8601 time") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return max(0, round(found.timestamp() * _MS))


def _first(pairs: Pairs, name: str) -> str:
    return next((value for key, value in pairs if key == name), "")
