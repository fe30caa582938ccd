"""What the services offer, as their own code says: holds routes against it.

The modules that a route file names are imported, where they can be: on a
machine that has the gateway alone they are not there, which is no problem.
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from contracts.brokers.port import Queue
from contracts.operation import Operation
from ingress.problems import Problem, did_you_mean
from ingress.routefile import RouteFile


def problems(route_file: RouteFile, folder: Path) -> list[Problem]:
    """Import the services' modules and find routes whose operation they do not offer.

    ``folder`` is searched after all that is installed. Importing runs the
    modules' code; an error in it is a problem too.
    """
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    found: list[Problem] = []
    for name, service in (route_file.services or {}).items():
        if service.module is not None:
            try:
                code = load(service.module)
                operations = None if code is None else [one.name for one in offered(code)]
            except Exception as error:  # noqa: BLE001 - it is the user's code, anything can come
                found.append(trouble(route_file, name, error))
            else:
                found.extend(_unknown(route_file, name, operations))
                found.extend(_without_priorities(route_file, name, code))
    return found


def absent(route_file: RouteFile) -> list[str]:
    """Name the services' modules that ``problems``, called before, did not find here."""
    named = (service.module for service in (route_file.services or {}).values() if service.module)
    return [
        module for module in dict.fromkeys(named) if module.partition(":")[0] not in sys.modules
    ]


def load(reference: str) -> object:
    """Import ``module:service``; ``None`` when there is no such module here.

    Raises whatever the module's code raises.
    """
    module, _, attribute = reference.partition(":")
    try:
        found: object = getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if module == missing or module.startswith(f"{missing}."):
            return None
        raise
    return found


def offered(code: Any) -> list[Operation]:  # noqa: ANN401 - it is the user's code
    """Give the operations of a service that ``load`` gave."""
    return [one for one in code.operations if isinstance(one, Operation)]


def _unknown(
    route_file: RouteFile, service: str, operations: list[str] | None
) -> Iterator[Problem]:
    if operations is None:
        return
    for index, route in enumerate(route_file.routes):
        if route.operation.partition(".")[0] == service and route.operation not in operations:
            hint = did_you_mean(route.operation, operations) or f"it has {', '.join(operations)}"
            message = f"the code of {service} has no operation {route.operation!r}"
            path = ("routes", index, "operation")
            yield route_file.document.problem(path, message, hint=hint)


def _without_priorities(route_file: RouteFile, service: str, code: object) -> Iterator[Problem]:
    """Find routes with a priority whose queue knows none: they would wait like all others."""
    queue = getattr(code, "work", None)
    if not isinstance(queue, Queue) or queue.max_priority is not None:
        return
    for index, route in enumerate(route_file.routes):
        mine = route.operation.partition(".")[0] == service and route.exchange is None
        if mine and route.priority and route.queue in {None, queue.name}:
            message = f"the queue of {service} is declared without priorities"
            hint = f'declare it so: Queue(name="{queue.name}", max_priority=9)'
            path = ("routes", index, "priority")
            yield route_file.document.problem(path, message, hint=hint)


def trouble(route_file: RouteFile, service: str, error: Exception) -> Problem:
    """Say that the code of a service cannot be imported."""
    message = f"it cannot be imported: {type(error).__name__}: {error}"
    return route_file.document.problem(("services", service, "module"), message)
