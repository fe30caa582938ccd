"""What a connection costs that is open and silent: memory of the edge, in bytes each."""

import socket
from functools import partial
from typing import Final

from bench import proc
from bench.catalogue import FASTIFY, QUEUEGATE, SANIC
from bench.record import Parts, Row
from bench.suite import BODY, Context, Probe, Suite
from bench.system import System, started

_COUNTS: Final = (100, 1000, 10_000)
_WARM_UP: Final = 200


def suite(_connections: tuple[int, ...]) -> Suite:
    return Suite(
        name="idle",
        what="100 to 10,000 connections that asked once and are idle: memory of the edge for each",
        baseline="queuegate",
        probes=tuple(
            Probe(system.name, system.title, partial(_measure, system), seconds=10)
            for system in (QUEUEGATE, SANIC, FASTIFY)
        ),
    )


def _measure(system: System, context: Context) -> list[Row]:
    rows = []
    with started(system, context.url, BODY, context.folder) as running:
        opened: list[socket.socket] = []
        try:
            # What the first requests bring into memory belongs to no connection.
            for _ in range(_WARM_UP):
                _ask(running.port).close()
            before = proc.memory(running.edge)
            for count in context.connections or _COUNTS:
                while len(opened) < count:
                    opened.append(_ask(running.port))
                now = proc.memory(running.edge)
                each = {"bytes_per_connection": (now - before) / count}
                rows.append(
                    Row(
                        system=system.name,
                        connections=count,
                        round=context.round,
                        requests=count,
                        memory=Parts(edge=float(now)),
                        extra=each,
                    )
                )
        except OSError as error:
            problem = f"after {len(opened)} connections: {error}"
            rows.append(
                Row(
                    system=system.name,
                    connections=len(opened) + 1,
                    round=context.round,
                    problems=(problem,),
                )
            )
        finally:
            for one in opened:
                one.close()
    return rows


def _ask(port: int) -> socket.socket:
    """Open a connection, have one answer, and keep it open."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    head = (
        "POST /echo HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    connection.sendall(head.encode() + BODY)
    answer = b""
    while not answer.endswith(BODY):
        if not (more := connection.recv(4096)):
            message = f"the edge hung up and said {answer[:80]!r}"
            raise ConnectionError(message)
        answer += more
    return connection
