"""What a service's operations take and give, written into a file or asked of its code.

The file is for a gateway on a machine that does not have the code: ``queuegate describe`` writes
it where the code is, and ``routes check`` says when the two have drifted apart.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from contracts.operation import Operation
from ingress import offers, pattern
from ingress.problems import ConfigError, Problem
from ingress.routefile import RouteFile
from ingress.validation.parameters import Form, Place
from ingress.validation.source import Source

_MOST_BYTES: Final = 16 * 1024 * 1024


class Contract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: a service's name and its operations."""

    service: str
    operations: tuple[Operation, ...]

    def encode(self) -> bytes:
        """Write it so that the same operations are the same bytes, and people can read them."""
        data = msgspec.json.encode(self, order="deterministic")
        return msgspec.json.format(data, indent=2) + b"\n"


def operations_of(route_file: RouteFile, service: str) -> Mapping[str, Operation] | None:
    """Give the operations of a service by name; ``None`` where nothing here knows them.

    The contract file first, then the code, if it is on this machine. Raises ``ConfigError`` for a
    file that cannot be read and code that cannot be imported.
    """
    section = (route_file.services or {}).get(service)
    if section is None:
        return None
    folder = Path(route_file.document.source).parent
    if section.contract is not None:
        found = read(route_file, service, folder / section.contract).operations
        return {one.name: one for one in found}
    if section.module is None:
        return None
    if str(folder.absolute()) not in sys.path:
        sys.path.append(str(folder.absolute()))
    try:
        code = offers.load(section.module)
    except Exception as error:  # noqa: BLE001 - it is the user's code, anything can come
        raise ConfigError([offers.trouble(route_file, service, error)]) from None
    return None if code is None else {one.name: one for one in offers.offered(code)}


def read(route_file: RouteFile, service: str, path: Path) -> Contract:
    """Read a service's contract file; raises ``ConfigError``."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Contract)
    except OSError as error:
        why = f"cannot be read: {(error.strerror or str(error)).lower()}"
    except msgspec.MsgspecError as error:
        why = f"is no contract file: {error}"
    problem = route_file.document.problem(
        ("services", service, "contract"),
        f"{path} {why}",
        hint="`queuegate describe MODULE:SERVICE` writes one",
    )
    raise ConfigError([problem])


def drifted(route_file: RouteFile) -> list[Problem]:
    """Find contract files that say something else than the code, where the code is here."""
    found = []
    for name, service in (route_file.services or {}).items():
        if service.contract is None or service.module is None:
            continue
        try:
            code = offers.load(service.module)
        except Exception:  # noqa: BLE001, S112 - offers.problems tells of it
            continue
        path = Path(route_file.document.source).parent / service.contract
        if code is None or read(route_file, name, path).encode() == describe(name, code).encode():
            continue
        message = f"{service.contract} is not what the code says now"
        hint = f"queuegate describe {service.module} --write {service.contract}"
        found.append(
            route_file.document.problem(("services", name, "contract"), message, hint=hint)
        )
    return found


def describe(name: str, code: object) -> Contract:
    """Make the contract of a service from its code."""
    return Contract(name, tuple(offers.offered(code)))


def source_of(operation: Operation, route: pattern.Pattern) -> Source:
    """Give what an operation says of itself; a parameter of the route's path is the path's."""
    parameters: dict[tuple[Place, str], Form] = {}
    for name, schema in operation.parameters.items():
        place: Place = "path" if name in route.names else "query"
        parameters[place, name] = Form(
            name=name,
            place=place,
            schema=dict(schema),
            required=name in operation.required,
        )
    return Source(
        name=f"the operation {operation.name}",
        parameters=parameters,
        body=None if operation.request is None else dict(operation.request),
        replies={} if operation.reply is None else {"2XX": dict(operation.reply)},
    )
