"""Call operations in a test, without a broker and without a gateway.

The call goes through the dialect, the policies, the binding and the encoding that a running worker
uses, in both directions: what passes here passes there.
"""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlencode

import msgspec

from contracts import deadline
from contracts.call import NOBODY, Call, Caller, Reply
from contracts.callers.statement import ISSUER, Statement
from contracts.dialects import dialect
from contracts.fault import Fault
from workers.context import Context
from workers.service import Service
from workers.threads import Threads

T = TypeVar("T")

_CONTENT_TYPE: Final = "content-type"


class Answer(msgspec.Struct, frozen=True):
    """What the client of a call would see, whether it is a success or a fault."""

    reply: Reply

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.reply.status

    @property
    def fault(self) -> Fault | None:
        """The fault, ``None`` for a success."""
        return self.reply.fault

    @property
    def code(self) -> str:
        """The fault's code, empty for a success."""
        return self.reply.fault.code if self.reply.fault else ""

    @property
    def body(self) -> bytes:
        """The body; the problem document when it is a fault."""
        if self.reply.fault is not None:
            return msgspec.json.encode(self.reply.fault.problem())
        return self.reply.body

    def header(self, name: str, default: str = "") -> str:
        """Give the first value of a header; ``name`` in lower case."""
        return self.reply.header(name, default)

    def json(self) -> Any:  # noqa: ANN401 - whatever the operation returned
        """Parse the body as JSON."""
        return msgspec.json.decode(self.body)

    def as_(self, kind: type[T]) -> T:
        """Parse the body as a ``kind``; raises ``msgspec.ValidationError`` if it is another."""
        return msgspec.json.decode(self.body, type=kind)


class TestKit:
    """Calls the operations of one service.

    ::

        kit = TestKit(orders)
        answer = await kit.call("create", json={"sku": "tea", "quantity": 1})
        assert answer.status == 201

    Operations that are plain functions run in threads; ``close``, or leaving ``with``, ends them.
    """

    # Its name says what it is for, and must not make pytest collect it.
    __test__ = False

    def __init__(self, service: Service) -> None:
        self.service = service
        self._dialect = dialect(service.dialect)
        self._threads = Threads(f"testkit-{service.name}")
        self._calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<TestKit {self.service!r}>"

    async def call(  # noqa: PLR0913 - each is a part of a call, by keyword
        self,
        operation: str,
        *,
        json: Any = None,  # noqa: ANN401 - any body
        body: bytes = b"",
        content_type: str = "",
        params: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | str = "",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        caller: Caller = NOBODY,
        verified: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 - it becomes the call's deadline
        redelivered: bool = False,
        replay: str = "",
        mirror: bool = False,
    ) -> Answer:
        """Make one call and give its answer; faults are answers too, and nothing is raised.

        Args:
            operation: its name, with or without the service's name before it.
            json: a body, sent as JSON. Or:
            body: a body as bytes, with its ``content_type``.
            content_type: what ``body`` is.
            params: the path parameters.
            query: a query string without the question mark, or a mapping; a list in it repeats.
            headers: further headers.
            method: the HTTP method.
            caller: who asks.
            verified: what the operation sees as ``ctx.verified``, as if a gateway had signed it.
            timeout: seconds until the deadline that the operation sees; it is not cut off.
            redelivered: what the operation sees as ``ctx.redelivered``.
            replay: what the operation sees as ``ctx.replay``.
            mirror: what the operation sees as ``ctx.mirror``.

        Raises ``LookupError`` for an operation that the service does not offer.
        """
        name = operation if "." in operation else f"{self.service.name}.{operation}"
        endpoint = self.service.endpoints.get(name)
        if endpoint is None:
            raise LookupError(f"{self.service!r} does not offer {operation!r}")
        self._calls += 1
        if json is not None:
            body, content_type = msgspec.json.encode(json), "application/json"
        fields = {key.lower(): value for key, value in (headers or {}).items()}
        if content_type:
            fields[_CONTENT_TYPE] = content_type
        call = Call(
            id=f"test-{self._calls}",
            operation=name,
            method=method,
            params=params or {},
            query=query if isinstance(query, str) else urlencode(query, doseq=True),
            headers=tuple(fields.items()),
            body=body,
            caller=caller,
            deadline=0 if timeout is None else deadline.after(timeout),
            replay=f"test/{replay}" if replay else "",
        )
        asked = self._dialect.request(call, correlation_id="1", reply_to="test", expiration_ms=1)
        arrived = self._dialect.call(asked)
        if mirror:
            arrived = msgspec.structs.replace(arrived, mirror="test")
        context = Context(
            arrived,
            left=deadline.left(arrived.deadline),
            redelivered=redelivered,
            statement=_stated(arrived) if verified else None,
        )
        reply = await endpoint.answer(context, self._threads)
        return Answer(self._dialect.reply(self._dialect.answer(reply, asked)))

    def close(self) -> None:
        """End the threads."""
        self._threads.close()


def _stated(call: Call) -> Statement:
    """State about the caller what the call says itself."""
    who, now = call.caller, int(time.time())
    return Statement(
        iss=ISSUER,
        aud=call.service,
        op=call.operation,
        iat=now,
        exp=now,
        sub=who.id,
        route=call.route,
        scopes=who.scopes,
        groups=who.groups,
        roles=who.roles,
        address=who.address,
    )
