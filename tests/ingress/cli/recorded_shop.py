"""A journal with calls of a shop in it, and two versions of the shop over HTTP, in threads."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ingress.journal.record import Content, Record
from ingress.journal.sqlite.store import SqliteStore

JSON = (("content-type", "application/json"),)
START = 1_764_000_000_000


def answer(path: str) -> dict[str, object]:
    """Give what the version that was recorded says."""
    return {"path": path, "total": len(path)}


def call(number: int, method: str = "GET") -> Record:
    """Make the record of one call."""
    path = f"/v1/orders/{number}" if method == "GET" else "/v1/orders"
    return Record(
        id=f"r-{number}",
        started=START + number,
        method=method,
        path=path,
        route="GET /v1/orders/{id}" if method == "GET" else "POST /v1/orders",
        status=200,
        duration_us=1500,
        level="full",
        content=Content(
            request_headers=JSON,
            request_body=b"" if method == "GET" else b"{}",
            reply_headers=JSON,
            reply_body=json.dumps(answer(path)).encode(),
        ),
    )


def record(path: Path, *records: Record) -> None:
    """Write a journal."""
    store = SqliteStore(path)
    store.write(records)
    store.close()


class Shop:
    """What a test holds: the URL, and the request lines that came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.delay = threading.Event()
        self.delay.set()


@contextmanager
def shop(*, changed: bool = False, port: int = 0) -> Iterator[Shop]:
    """Serve a version of the shop; a changed one says another total."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            mine.asked.append(f"{self.command} {self.path}")
            mine.headers.append({name.lower(): value for name, value in self.headers.items()})
            mine.delay.wait(10)
            told = answer(self.path)
            if changed:
                told["total"] = "many"
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's word

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    mine = Shop(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield mine
    finally:
        mine.delay.set()
        server.shutdown()
        server.server_close()
        thread.join()
