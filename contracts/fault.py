"""The one error type, and the one table that says what each code means.

A code gives the HTTP status, whose fault it was, whether the operation is
known not to have run (so that a retry is always safe), and whether it counts
against the backend in the circuit breaker. The same code labels the problem
document, the metric, the log line and the journal.

The idea of an error that carries what may be done about it is Finagle's
``FailureFlags``; the document is RFC 9457.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec


class Blame(StrEnum):
    """Whose fault it was."""

    CALLER = "caller"
    WORKER = "worker"
    BROKER = "broker"
    GATEWAY = "gateway"


class Kind(msgspec.Struct, frozen=True):
    """One row of the table.

    ``not_run`` says that the operation is known not to have run. ``counts``
    says that the breaker takes it for a failure of the backend.
    """

    status: int
    title: str
    blame: Blame
    not_run: bool
    counts: bool
    retry_after: int | None = None


_C, _W, _B, _G = Blame.CALLER, Blame.WORKER, Blame.BROKER, Blame.GATEWAY

# code: status, title, whose fault, known not to have run, counts for the
# breaker, seconds for Retry-After. Faults of the way to the worker (broker,
# gateway) do not count: the breaker guards an operation, and an operation is
# not broken because the broker is away. Nor does a refusal for want of room: a
# circuit that opens under load would turn an excess into an outage.
TABLE: Final[Mapping[str, Kind]] = {
    "invalid_request": Kind(400, "The request is malformed", _C, True, False),
    "unauthenticated": Kind(401, "Credentials are missing or wrong", _C, True, False),
    "forbidden": Kind(403, "The caller may not do this", _C, True, False),
    "not_found": Kind(404, "Nothing is here", _C, True, False),
    "method_not_allowed": Kind(405, "The method is not allowed here", _C, True, False),
    "not_acceptable": Kind(406, "No representation that the client accepts", _C, True, False),
    "request_timeout": Kind(408, "The request did not arrive in time", _C, True, False),
    "conflict": Kind(409, "The state of the resource forbids this", _C, True, False),
    "in_progress": Kind(409, "The same request is still in progress", _C, True, False),
    "precondition_failed": Kind(412, "The resource is not as asked", _C, True, False),
    "gone": Kind(410, "What was here is gone for good", _C, True, False),
    "too_large": Kind(413, "The body is too large", _C, True, False),
    "uri_too_long": Kind(414, "The request target is too long", _C, True, False),
    "unsupported_media_type": Kind(415, "The media type is not accepted here", _C, True, False),
    "range_not_satisfiable": Kind(416, "The range is behind the end", _C, True, False),
    "expectation_failed": Kind(417, "The Expect header cannot be met", _C, True, False),
    "misdirected": Kind(421, "This host is not served here", _C, True, False),
    "invalid_body": Kind(422, "The body does not fit the schema", _C, True, False),
    "idempotency_mismatch": Kind(422, "The key was used for another request", _C, True, False),
    "rate_limited": Kind(429, "Too many requests", _C, True, False, 1),
    "too_many_connections": Kind(429, "Too many connections", _C, True, False, 1),
    "quota_exceeded": Kind(429, "The quota is used up", _C, True, False, 60),
    "headers_too_large": Kind(431, "The headers are too large", _C, True, False),
    "client_gone": Kind(499, "The client left before the answer", _C, False, False),
    "cancelled": Kind(499, "The call was cancelled", _C, False, False),
    "worker_error": Kind(500, "The operation failed", _W, False, True),
    "internal": Kind(500, "The gateway failed", _G, False, False),
    "bad_reply": Kind(502, "The worker's answer could not be understood", _W, False, True),
    "unknown_operation": Kind(502, "The worker does not offer this operation", _W, True, True),
    "branch_failed": Kind(502, "A part of the answer could not be had", _W, False, True),
    "worker_lost": Kind(502, "The worker was lost in the middle of the call", _W, False, True),
    "no_route": Kind(503, "No queue takes this operation", _B, True, False, 1),
    "no_worker": Kind(503, "Nobody consumes from the queue", _B, True, False, 1),
    "busy": Kind(503, "The worker has no room", _W, True, False, 1),
    "broker_down": Kind(503, "The message broker cannot be reached", _B, True, False, 1),
    "broker_blocked": Kind(503, "The message broker takes no messages now", _B, True, False, 5),
    "store_down": Kind(503, "The store cannot be reached", _G, True, False, 1),
    "auth_unavailable": Kind(503, "The caller cannot be verified now", _G, True, False, 1),
    "circuit_open": Kind(503, "The operation has failed too often and rests", _W, True, False, 1),
    "overloaded": Kind(503, "The gateway has no room", _G, True, False, 1),
    "maintenance": Kind(503, "This is being worked on", _G, True, False, 60),
    "draining": Kind(503, "The gateway is going down", _G, True, False, 1),
    # RFC 9111 section 5.2.1.7, for who asked to hear of nothing else.
    "not_cached": Kind(504, "Nothing is stored that fits", _G, True, False),
    "deadline": Kind(504, "No answer came in time", _W, False, True),
}

# What a worker may say of itself on the wire; a code that blames the broker
# or the gateway can not come from a worker.
_WORKER_MAY_SAY = frozenset(code for code, kind in TABLE.items() if kind.blame in {_C, _W})

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LOWEST_ERROR, _FIRST_SERVER_ERROR, _BEYOND = 400, 500, 600

ABOUT_BLANK: Final = "about:blank"
PROBLEM_JSON: Final = "application/problem+json"


class Fault(Exception):
    """Something went wrong, and this is what the client may know of it.

    Raise it in an operation to answer with a problem document::

        raise Fault("out_of_stock", status=409, detail="only 3 are left", sku=sku)

    ``code`` is either one of :data:`TABLE` or a code of your own in snake
    case, which then needs ``status`` (400 to 599). ``detail`` is shown to the
    client: put nothing into it that a stranger may not read. Further keyword
    arguments become extension members of the problem document (RFC 9457
    section 3.2) and must be what JSON can carry.

    ``not_run`` says that the operation is known not to have run, so that the
    gateway may try again; the table's word is used when it is left out.

    Raises ``ValueError`` for a code of your own without a status or with
    characters other than ``a-z0-9_``.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int | None = None,
        title: str = "",
        not_run: bool | None = None,
        retry_after: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        **extensions: Any,  # noqa: ANN401 - RFC 9457 leaves their shape open
    ) -> None:
        kind = TABLE.get(code)
        if kind is None:
            kind = _kind_of_stranger(code, status)
        super().__init__(code)
        self.code = code
        self.kind = kind
        self.detail = detail
        self.status = kind.status if status is None else status
        self.title = title or kind.title
        self.not_run = kind.not_run if not_run is None else not_run
        self.retry_after = kind.retry_after if retry_after is None else retry_after
        self.headers = headers
        self.extensions = extensions

    def __reduce__(self) -> tuple[Any, ...]:
        """Let copy and pickle keep every field (``Exception`` would lose them)."""
        names = ("detail", "status", "title", "not_run", "retry_after", "headers")
        state = {name: getattr(self, name) for name in names}
        return _rebuild, (self.code, {**state, **self.extensions})

    def __repr__(self) -> str:
        ran = "not run" if self.not_run else "may have run"
        detail = f" {self.detail!r}" if self.detail else ""
        return f"<Fault {self.code} {self.status} {self.kind.blame} {ran}{detail}>"

    def __str__(self) -> str:
        return f"{self.code}: {self.detail or self.title}"

    @property
    def known(self) -> bool:
        """Whether the code is one of :data:`TABLE`."""
        return self.code in TABLE

    def problem(self, request_id: str = "") -> dict[str, Any]:
        """Give the problem document (RFC 9457 section 3) as a dict."""
        document: dict[str, Any] = {
            **self.extensions,
            "type": ABOUT_BLANK,
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            document["detail"] = self.detail
        if request_id:
            document["request_id"] = request_id
        return document

    @classmethod
    def from_wire(cls, code: str, problem: Mapping[str, Any]) -> "Fault":
        """Rebuild the fault that a worker sent; untrusted input.

        Whatever does not make a fault that a worker may report comes back as
        ``bad_reply``; nothing is raised.
        """
        status = problem.get("status")
        known = code in TABLE
        if known and code not in _WORKER_MAY_SAY:
            return cls("bad_reply", f"a worker may not answer {code}")
        own_status = isinstance(status, int) and _LOWEST_ERROR <= status < _BEYOND
        if not _CODE.fullmatch(code) or not (known or own_status):
            return cls("bad_reply", "the fault in the reply has no usable code or status")
        retry_after = problem.get("retry_after")
        extensions = {k: v for k, v in problem.items() if k not in _MEMBERS and k.isidentifier()}
        return cls(
            code,
            str(problem.get("detail") or ""),
            status=status if own_status else None,
            title=str(problem.get("title") or ""),
            retry_after=retry_after if type(retry_after) is int and retry_after >= 0 else None,
            not_run=True if problem.get("not_run") is True else None,
            **extensions,
        )


# Members of a problem document that have a field or a meaning of their own.
_MEMBERS = frozenset(
    {"type", "title", "status", "code", "detail", "instance"}
    | {"request_id", "retry_after", "not_run"}
    | {"headers", "self", "extensions"}
)


def _kind_of_stranger(code: str, status: int | None) -> Kind:
    """Classify a worker's own code: 4xx blames the caller, 5xx the worker."""
    if not _CODE.fullmatch(code):
        msg = f"a fault code is snake case, at most 64 characters, not {code!r}"
        raise ValueError(msg)
    if status is None or not _LOWEST_ERROR <= status < _BEYOND:
        msg = f"the fault code {code!r} is not in the table, so it needs a status from 400 to 599"
        raise ValueError(msg)
    if status < _FIRST_SERVER_ERROR:
        return Kind(status, code.replace("_", " ").capitalize(), _C, False, False)
    return Kind(status, code.replace("_", " ").capitalize(), _W, False, True)


def _rebuild(code: str, state: dict[str, Any]) -> Fault:
    return Fault(code, **state)
