"""The suite's server as a worker: it answers as each test wrote down, and notes what it was asked.

After ``test-engine/server`` of http-tests/cache-tests. What HTTP can do and a queue cannot is left
out: interim responses. ``disconnect`` is a worker that is lost.
"""

import json
import time
from email.utils import formatdate
from typing import Any

from contracts.call import Call, Reply
from contracts.fault import Fault
from queuegate import Service
from tests.cachesuite.dates import fixed

service = Service("suite")

# By the test's own id: what it wants to be answered, and what it asked.
_configs: dict[str, list[dict[str, Any]]] = {}
_asked: dict[str, list[dict[str, Any]]] = {}

# In place of the suite's 999, which is no status that a worker may give.
NOT_CONDITIONAL = 299


@service.operation
async def config(call: Call, body: bytes) -> Reply:
    """Take down what a test wants to be answered."""
    _configs[call.params["test"]] = json.loads(body)
    return Reply(status=201, body=b"OK")


@service.operation
async def state(call: Call) -> Reply:
    """Give what was asked in a test."""
    return Reply.json(_asked.get(call.params["test"], []))


@service.operation
async def test(call: Call) -> Reply:
    """Answer as the test wrote down for the request of this number."""
    name = call.params["test"].partition("/")[0]
    requests, asked = _configs[name], _asked.setdefault(name, [])
    said: dict[str, str] = {}
    for key, value in call.headers:
        said[key] = f"{said[key]}, {value}" if key in said else value
    number = int(said.get("req-num") or len(asked) + 1)
    wanted = requests[number - 1]
    count = len(asked) + 1
    now = time.time()
    headers: list[tuple[str, str]] = [
        ("Server-Base-Url", call.path),
        ("Server-Request-Count", str(count)),
        ("Client-Request-Count", str(number)),
        ("Server-Now", str(int(now * 1000))),
    ]
    noted: dict[str, Any] = {}
    for one in wanted.get("response_headers", []):
        key, value = one[0], fixed(one, now, call.path, wanted)
        headers.append((key, value))
        if len(one) < 3 or one[2] is True:
            before = noted.get(key)
            noted[key] = value if before is None else f"{before}, {value}"
    names = {key.lower() for key, _ in headers}
    if "content-type" not in names:
        headers.append(("Content-Type", "text/plain"))
    if "date" not in names:
        headers.append(("Date", formatdate(now, usegmt=True)))
    asked.append(
        {
            "request_num": number,
            "request_method": call.method,
            "request_headers": said,
            "response_headers": list(noted.items()),
        }
    )
    headers.append(("Request-Numbers", " ".join(str(one["request_num"]) for one in asked)))
    if wanted.get("disconnect"):
        raise Fault("worker_lost")
    status = _status(wanted, requests[number - 2] if number > 1 else {}, said, now, call.path)
    body = b"" if status in {204, 304} else (wanted.get("response_body") or name).encode()
    # Of an HTTP server's answer no more is read than it says.
    body = body[: int(noted.get("Content-Length", len(body)))]
    return Reply(status=status, headers=tuple(headers), body=body)


def _status(
    wanted: dict[str, Any], previous: dict[str, Any], said: dict[str, str], now: float, base: str
) -> int:
    if wanted.get("expected_type", "").endswith("validated"):
        for asked, given in (("if-modified-since", "last-modified"), ("if-none-match", "etag")):
            values = [
                fixed(one, now, base, previous)
                for one in previous.get("response_headers", [])
                if one[0].lower() == given
            ]
            if values and said.get(asked) == values[-1]:
                return 304
        return NOT_CONDITIONAL
    return int(wanted.get("response_status", [200])[0])
