"""queuegate as a system under test: its route files, its gateway and its worker."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from bench.places import ROOT
from bench.system import Maker, Program, Stage, System
from tests.harness.processes import queuegate_command

API_KEY: Final = "a-key-of-forty-characters-for-benchmarks"

# Over the limit of the largest body measured, 10 MB.
_LARGE: Final = "15MiB"

# Not ours to inherit: a developer's own settings must not change what is measured.
_OWN_ENVIRONMENT: Final = {"LOG_FORMAT": "text", "LOG_LEVEL": "INFO", "PYTHONPATH": str(ROOT)}


def queuegate(  # noqa: PLR0913 - what a gateway can be told
    name: str = "queuegate",
    title: str = "queuegate, everything on",
    *,
    settings: Mapping[str, Any] | None = None,
    routes: int = 1,
    operation: str = "bench.echo",
    workers: int = 1,
    edges: int = 1,
    query: str = "",
    top: Mapping[str, Any] | None = None,
    redis: bool = False,
    headers: Mapping[str, str] = MappingProxyType({}),
    counts: str = "",
) -> System:
    """One gateway and one worker, as a user would start them.

    Everything a default route has is on: breaker, retry, deadline, request id, one log line a
    request (to a file), metrics. ``settings`` change the route; ``routes`` are how many there are,
    and the last is the one that is asked. ``query`` is put behind the broker's URL,
    ``top`` into the top of the route file, where ``${STORE_URL}`` is a file, or a Redis if it is to
    have one. ``headers`` are sent with each request, and ``counts`` is what counts them.
    """
    service = "slow" if operation.startswith("slow") else "service"
    return System(
        name=name,
        title=title,
        edge=gateway(operation, settings or {}, routes, edges, query, top or {}),
        worker=worker(f"bench.services.echo:{service}", workers, query),
        path=f"/echo{routes}" if routes > 1 else "/echo",
        redis=redis,
        headers=headers,
        counts=counts,
    )


def gateway(
    operation: str,
    settings: Mapping[str, Any],
    routes: int = 1,
    edges: int = 1,
    query: str = "",
    top: Mapping[str, Any] = MappingProxyType({}),
) -> Maker:
    """``queuegate serve`` with a route file of its own."""

    def make(stage: Stage) -> Program:
        config = stage.folder / "gateway.yaml"
        config.write_text(route_file("${BROKER_URL}", operation, settings, routes, top))
        ports = ("--port", str(stage.port), "--admin-port", str(stage.admin_port))
        many = ("--processes", str(edges)) if edges > 1 else ()
        words = queuegate_command("serve", "--config", str(config), *ports, *many)
        return Program(
            tuple(words),
            stage.folder,
            {
                **_OWN_ENVIRONMENT,
                "BROKER_URL": f"{stage.url}{query}",
                "BENCH_KEY": API_KEY,
                "STORE_URL": stage.redis or "sqlite:state.sqlite",
            },
        )

    return make


def worker(service: str, processes: int = 1, query: str = "") -> Maker:
    """``queuegate worker``."""

    def make(stage: Stage) -> Program:
        many = ("--processes", str(processes)) if processes > 1 else ()
        words = queuegate_command("worker", service, *many)
        return Program(
            tuple(words), stage.folder, {**_OWN_ENVIRONMENT, "BROKER_URL": f"{stage.url}{query}"}
        )

    return make


def route_file(
    url: str,
    operation: str,
    settings: Mapping[str, Any],
    routes: int,
    top: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """Write a route file; JSON is YAML."""
    own = dict(settings)
    services = {operation.partition(".")[0]: own.pop("service", {})}
    paths = ["/echo"] if routes == 1 else [f"/echo{number}" for number in range(1, routes + 1)]
    return json.dumps(
        {
            "broker": url,
            **top,
            "services": services,
            "routes": [
                {"route": f"POST {path}", "operation": operation, "max_body": _LARGE, **own}
                for path in paths
            ],
        },
        indent=1,
    )
