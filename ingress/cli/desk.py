"""Sends orders about consumers to where they are kept: the Store, or a gateway's admin port.

A store that other processes can open is written by the command itself. One in a gateway's memory is
reached by the admin port of that gateway, with the token that it left for this user.
"""

import asyncio
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote

import msgspec
import typer

from contracts.deadline import now_ms
from contracts.fault import Fault
from contracts.stores import open_store
from ingress.admin_sections import OFF
from ingress.audit import os_user
from ingress.auditfile import AuditFile
from ingress.cli import admin_client, client
from ingress.consumers import declared, desk
from ingress.consumers.digests import Digests
from ingress.consumers.office import Office
from ingress.consumers.roster import Roster
from ingress.problems import without_password
from ingress.routefile import RouteFile

_SAFE: Final = "GET"


class Desk:
    """One order after another: ``Desk(config, admin).ask("GET", "/v1/consumers")``.

    ``admin`` is the URL of an admin port, ``None`` for the route file's store. What cannot be done
    is told in a sentence, and ends the command with exit code 1.
    """

    def __init__(self, config: Path, admin: str | None) -> None:
        found = client.read_routes(config, needed=admin is None)
        self._routes = found
        self._folder = config.parent
        in_memory = found is None or found.store.startswith("memory:")
        self._admin = (admin or admin_client.DEFAULT) if admin or in_memory else None

    def ask(self, method: str, path: str, order: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - a document
        """Send an order; gives the document of the answer."""
        body = b"" if order is None else msgspec.json.encode(order)
        try:
            if self._admin:
                return admin_client.ask(self._admin, method, path, order, token=self._token())
            assert self._routes is not None  # noqa: S101 - for the type checker: it was needed
            return asyncio.run(_directly(self._routes, self._folder, method, path, body))
        except Fault as fault:
            text = without_password(fault.detail or fault.title)
            typer.echo(f"queuegate: {text}", err=True)
            raise typer.Exit(1) from None

    def _token(self) -> str:
        said = self._routes.admin.token if self._routes else None
        return "" if said is None or said == OFF else said


def path(*parts: str) -> str:
    """Write a path of parts that may hold any letters."""
    return "/".join(["", "v1", *(quote(part, safe="") for part in parts)])


async def _directly(routes: RouteFile, folder: Path, method: str, asked: str, body: bytes) -> Any:  # noqa: ANN401 - a document
    asked, _, query = asked.partition("?")
    entry, name = desk.find(method, asked)
    audit = AuditFile(folder / routes.admin.audit) if routes.admin.audit else None
    store = open_store(routes.store, folder)
    digests = Digests(routes.keys.secrets)
    known = declared.known(routes.consumers or {}, routes.usage_plans or {}, digests)
    office = Office(Roster(store), known, digests, routes.keys.prefix)
    fields = {"who": os_user(), "method": method, "path": unquote(asked)}
    try:
        if audit and method != _SAFE:
            audit.append({"at": now_ms(), "event": "begun", **fields})
        name = name or dict(parse_qsl(query)).get("consumer", "")
        document = await desk.carry_out(office, entry, name, body)
        if audit and method != _SAFE:
            audit.append({"at": now_ms(), "event": "ended", **fields, "status": entry.status})
        return document
    finally:
        await store.close()
