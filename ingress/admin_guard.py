"""Who may use the admin port, and a record of what they did.

All but health, readiness and metrics wants a bearer token (RFC 6750). What changes something, and
what was refused, is told in the log, and written into the audit file where the route file names
one: when it begins and when it has ended, so that nothing is done that was not written down.
"""

import asyncio
from hmac import compare_digest
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from sanic import HTTPResponse, Request
from sanic.response import BaseHTTPResponse

from contracts import logs
from contracts.deadline import now_ms
from contracts.fault import Fault
from ingress import admin_token
from ingress.admin_answers import App, problem
from ingress.admin_sections import REALM, AdminSection
from ingress.admin_token import Report
from ingress.auditfile import AuditFile
from ingress.document import Document
from ingress.problems import ConfigError

OPEN: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths that need no token: load balancers, process managers and Prometheus ask them."""

_SAFE: Final = frozenset({"GET", "HEAD"})
_CHALLENGE: Final = f'Bearer realm="{REALM}"'


class Access:
    """``token`` is what has to be shown, ``None`` for nothing; both may change on a reload."""

    def __init__(self, token: str | None = None, audit: AuditFile | None = None) -> None:
        self.token = token
        self.audit = audit
        self._said: AdminSection | None = None

    def adopt(self, section: AdminSection, document: Document, report: Report) -> None:
        """Take over what the route file says. Raises ``ConfigError``; then nothing changes."""
        if section == self._said:
            return
        audit = None
        if section.audit is not None:
            try:
                audit = AuditFile(Path(document.source).parent / section.audit)
            except OSError as error:
                text = f"it cannot be written: {(error.strerror or str(error)).lower()}"
                raise ConfigError([document.problem(("admin", "audit"), text)]) from None
        self.token, self.audit = admin_token.decide(section, report), audit
        self._said = section

    def refuses(self, shown: str) -> Fault | None:
        """Say what is wrong with a field ``Authorization``, if anything is."""
        if self.token is None:
            return None
        scheme, _, token = shown.partition(" ")
        if scheme.lower() != "bearer":
            return Fault("unauthenticated", "the admin port wants its token: queuegate admin token")
        # The server hands on bytes that are no UTF-8 as lone surrogates.
        if not compare_digest(
            token.strip().encode("utf-8", "surrogateescape"), self.token.encode()
        ):
            return Fault("unauthenticated", "this is not the admin port's token")
        return None

    def __repr__(self) -> str:
        return f"<Access {'open' if self.token is None else 'by token'}>"


def add(app: App, access: Access) -> None:
    """Guard an admin app, whatever routes it has or will have."""

    async def before(request: Request) -> HTTPResponse | None:
        if request.path in OPEN:
            return None
        fault = access.refuses(request.headers.get("authorization", ""))
        if fault is not None:
            await _note(access, request, "refused")
            return problem(fault, headers={"www-authenticate": _CHALLENGE})
        if request.method not in _SAFE:
            try:
                await _note(access, request, "begun")
            except OSError:
                return problem(Fault("internal", "the audit file cannot be written"))
            request.ctx.noted = True
        return None

    async def after(request: Request, response: BaseHTTPResponse) -> None:
        if getattr(request.ctx, "noted", False):
            await _note(access, request, "ended", status=response.status)

    app.register_middleware(before, "request")
    app.register_middleware(after, "response")


async def _note(access: Access, request: Request, event: str, **more: int) -> None:
    who = {"who": f"admin port, {request.ip}", "method": request.method}
    fields = {**who, "path": unquote(request.path), **more}
    logs.bind(**fields).info("admin: {} {} {}", request.method, fields["path"], event)
    if access.audit is not None:
        record = {"at": now_ms(), "event": event, **fields}
        await asyncio.to_thread(access.audit.append, record)
