import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bench import tally
from bench.system import Running

SAMPLE = 'records_total{result="written"}'


@contextmanager
def admin(metrics: str) -> Iterator[int]:
    """Serve metrics; gives the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(metrics.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its word
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def running(port: int, counts: str = SAMPLE) -> Running:
    """Give a system whose metrics are at this port."""
    return Running(1, 1, None, "/", admin_port=port, counts=counts)


def test_what_was_not_counted_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that has done less than it was asked is not what was to be measured."""
    monkeypatch.setattr(tally, "_PATIENCE", 0.1)
    with admin(f'records_total{{result="dropped"}} 9e9\n{SAMPLE} 1.5e2\n') as port:
        told = tally.Tally(running(port))
        assert told.problems(100) == ()
        assert told.problems(50) == ()
        assert told.problems(1) == (f"{SAMPLE} is 150 of 151",)
    with admin("others_total 1.0\n") as port:
        assert tally.Tally(running(port)).problems(1) == (f"{SAMPLE} is 0 of 1",)


def test_what_counts_nothing_is_right() -> None:
    """Peers have no such metric, and are not asked for it."""
    assert tally.Tally(running(0, counts="")).problems(1000) == ()
