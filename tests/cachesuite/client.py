"""The suite's client: sends a test's requests, and holds the answers to what it expects.

After ``test-engine/client`` of http-tests/cache-tests, with the header fields that its fetch sends.
"""

import asyncio
import json
import uuid
from copy import deepcopy
from typing import Any, Final

import msgspec

from tests.cachesuite.dates import fixed
from tests.cachesuite.origin import NOT_CONDITIONAL

# Seconds, as the suite waits.
PAUSE: Final = 3.0
_PATIENCE: Final = 10.0
_OF_FETCH: Final = (
    ("accept", "*/*"),
    ("accept-language", "*"),
    ("sec-fetch-mode", "cors"),
    ("user-agent", "node"),
    ("accept-encoding", "gzip, deflate"),
)
_NO_BODY: Final = frozenset({204, 304})


class FailedError(Exception):
    """A test did not go as it should; ``setup`` when that says nothing of what it tests."""

    def __init__(self, message: str, *, setup: bool) -> None:
        super().__init__(message)
        self.setup = setup


class Answer(msgspec.Struct, frozen=True):
    """An answer: its fields joined by name, in lower case."""

    status: int
    fields: dict[str, str]
    body: str


class Exchange:
    """One connection to the gateway, and requests of one test over it."""

    def __init__(self, port: int, authority: str) -> None:
        self._port = port
        self._authority = authority
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, fields: list[tuple[str, str]], body: bytes = b""
    ) -> Answer:
        """Send a request and read its answer."""
        async with asyncio.timeout(_PATIENCE):
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            lines = [f"{method} {path} HTTP/1.1", f"host: {self._authority}"]
            lines += [f"{name}: {value}" for name, value in fields]
            if body or method in {"POST", "PUT"}:
                lines.append(f"content-length: {len(body)}")
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *rest = head.split("\r\n")
            status, found = int(first.split(" ")[1]), _joined(line for line in rest if line)
            length = 0 if method == "HEAD" or status in _NO_BODY else int(found["content-length"])
            content = await reader.readexactly(length)
            if found.get("connection") == "close":
                self.close()
        return Answer(status, found, content.decode())

    def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def run(test: dict[str, Any], port: int) -> None:
    """Run one test against the gateway at ``port``; raises ``FailedError`` with what went wrong."""
    name = str(uuid.uuid4())
    requests = deepcopy(test["requests"])
    exchange = Exchange(port, f"127.0.0.1:{port}")
    answers: list[Answer] = []
    try:
        body = json.dumps(test["requests"]).encode()
        done = await exchange.ask("PUT", f"/config/{name}", [], body)
        if done.status != 201:
            raise FailedError(f"PUT config resulted in {done.status}", setup=True)
        for index, request in enumerate(requests):
            previous = answers[-1].fields if answers else {}
            answers.append(await _send(exchange, test, name, index, request, previous))
            _check_answer(name, index + 1, request, answers[-1])
            if request.get("pause_after"):
                await asyncio.sleep(PAUSE)
        state = await exchange.ask("GET", f"/state/{name}", [])
        _check_origin(requests, answers, json.loads(state.body or "[]"))
    except (TimeoutError, OSError, asyncio.IncompleteReadError) as error:
        raise FailedError(f"{type(error).__name__}: {error}", setup=True) from error
    finally:
        exchange.close()


async def _send(
    exchange: Exchange,
    test: dict[str, Any],
    name: str,
    index: int,
    request: dict[str, Any],
    previous: dict[str, str],
) -> Answer:
    fields = [("Pragma", "foo"), ("Cache-Control", "nothing-to-see-here")]
    now = int(previous.get("server-now", "0")) / 1000
    for one in request.get("request_headers", []):
        if one[0].lower() == "if-modified-since" and request.get("magic_ims"):
            fixed(one, now, "", request)
        fields.append((one[0], str(one[1])))
    fields += [("Test-Name", test["name"]), ("Test-ID", test["id"]), ("Req-Num", str(index + 1))]
    said = {key.lower() for key, _ in fields}
    fields += [pair for pair in _OF_FETCH if pair[0] not in said]
    path = f"/test/{name}"
    if "filename" in request:
        path += f"/{request['filename']}"
    if "query_arg" in request:
        path += f"?{request['query_arg']}"
    joined = list(_joined(f"{key}: {value}" for key, value in fields).items())
    body = request.get("request_body", "").encode()
    return await exchange.ask(request.get("request_method", "GET"), path, joined, body)


def _joined(lines: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        key, value = key.strip().lower(), value.strip(" \t")
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def _hold(holds: object, request: dict[str, Any], member: str, message: str) -> None:
    """Raise unless it holds; ``member`` is what of the request it was about, empty for all."""
    if holds:
        return
    setup = not member or bool(request.get("setup")) or member in request.get("setup_tests", [])
    raise FailedError(message, setup=setup)


def _check_answer(name: str, number: int, request: dict[str, Any], answer: Answer) -> None:
    fields = answer.fields
    numbers = fields.get("request-numbers", "").split()
    _hold(len(numbers) == len(set(numbers)), request, "", "retry")
    count = int(fields["server-request-count"]) if "server-request-count" in fields else None
    kind = request.get("expected_type")
    if kind == "cached" and not (answer.status == 304 and count is None):
        came = count is not None and count < number
        _hold(came, request, "expected_type", f"response {number} does not come from cache")
    if kind == "not_cached":
        _hold(count == number, request, "expected_type", f"response {number} comes from cache")
    _check_status(number, request, answer)
    _check_fields(number, request, answer)
    if "expected_interim_responses" in request:
        _hold(
            not request["expected_interim_responses"],
            request,
            "expected_interim_responses",
            "interim response 1 not received",
        )
    _check_body(name, request, answer)


def _check_status(number: int, request: dict[str, Any], answer: Answer) -> None:
    status = answer.status
    if "expected_status" in request:
        wanted = request["expected_status"]
        _hold(
            wanted in {None, status},
            request,
            "expected_status",
            f"response {number} status is {status}, not {wanted}",
        )
    elif "response_status" in request:
        wanted = request["response_status"][0]
        _hold(status == wanted, request, "", f"response {number} status is {status}, not {wanted}")
    elif status == NOT_CONDITIONAL:
        _hold(False, request, "expected_type", f"request {number} should have been conditional")  # noqa: FBT003 - it does not
    else:
        _hold(status == 200, request, "", f"response {number} status is {status}, not 200")


def _check_fields(number: int, request: dict[str, Any], answer: Answer) -> None:
    fields, what = answer.fields, f"response {number}"
    now = int(fields.get("server-now", "0")) / 1000
    for one in request.get("expected_response_headers", []):
        key = (one if isinstance(one, str) else one[0]).lower()
        member = "expected_response_headers"
        _hold(key in fields or len(one) == 2, request, member, f"{what} {key} header not present")
        if isinstance(one, str):
            continue
        value = fields.get(key, "")
        if len(one) == 2:
            wanted = fixed(one, now, fields.get("server-base-url", ""), request)
            _hold(value == wanted, request, member, f"{what} {key} is {value!r}, not {wanted!r}")
        elif one[1] == "=":
            other = fields.get(one[2].lower())
            _hold(value == other, request, member, f"{what} {key} is {value!r}, not {other!r}")
        else:
            _hold(int(value) > one[2], request, member, f"{what} {key} is {value}, not > {one[2]}")
    for one in request.get("expected_response_headers_missing", []):
        # The suite looks for a pair's value in a place where there is none, and so never finds it.
        if isinstance(one, str):
            _hold(
                one.lower() not in fields,
                request,
                "expected_response_headers_missing",
                f"{what} has the header {one}",
            )


def _check_body(name: str, request: dict[str, Any], answer: Answer) -> None:
    body = answer.body
    if request.get("check_body") is False:
        return
    if "expected_response_text" in request:
        wanted = request["expected_response_text"]
        _hold(
            wanted in {None, body}, request, "expected_response_text", f"the body is {body[:60]!r}"
        )
    elif request.get("response_body") is not None:
        _hold(body == request["response_body"], request, "", f"the body is {body[:60]!r}")
    elif answer.status not in _NO_BODY and request.get("request_method") != "HEAD":
        _hold(body == name, request, "", f"the body is {body[:60]!r}")


def _check_origin(
    requests: list[dict[str, Any]], answers: list[Answer], state: list[dict[str, Any]]
) -> None:
    """Hold what the origin was asked against what it should have been asked."""
    at = 0
    for number, (request, answer) in enumerate(zip(requests, answers, strict=True), start=1):
        kind = request.get("expected_type")
        if kind == "cached":
            continue
        seen = state[at] if at < len(state) else None
        if kind == "not_cached":
            _hold(
                seen is not None and seen["request_num"] == number,
                request,
                "expected_type",
                f"response {number} comes from cache",
            )
        at += 1
        validator = {"etag_validated": "if-none-match", "lm_validated": "if-modified-since"}.get(
            str(kind)
        )
        if validator:
            came = seen is not None and validator in seen["request_headers"]
            _hold(came, request, "expected_type", f"request {number} has no {validator}")
        if seen is not None:
            _check_seen(number, request, answer, seen)
        elif request.keys() & {"expected_request_headers", "expected_method"}:
            raise FailedError(f"request {number} was not sent to the origin", setup=False)


def _check_seen(number: int, request: dict[str, Any], answer: Answer, seen: dict[str, Any]) -> None:
    said, what = seen["request_headers"], f"request {number}"
    for one in request.get("expected_request_headers", []):
        key = (one if isinstance(one, str) else one[0]).lower()
        fits = key in said if isinstance(one, str) else said.get(key) == one[1]
        _hold(fits, request, "expected_request_headers", f"{what} {key} is {said.get(key)!r}")
    for one in request.get("expected_request_headers_missing", []):
        key = (one if isinstance(one, str) else one[0]).lower()
        fits = key not in said if isinstance(one, str) else said.get(key) != one[1]
        _hold(
            fits, request, "expected_request_headers_missing", f"{what} {key} is {said.get(key)!r}"
        )
    for key, value in seen["response_headers"]:
        if key.lower() != "date":
            got = answer.fields.get(key.lower())
            _hold(got == value, request, "", f"response {number} {key} is {got!r}, not {value!r}")
    if "expected_method" in request:
        _hold(
            seen["request_method"] == request["expected_method"],
            request,
            "expected_method",
            f"{what} had method {seen['request_method']}",
        )
