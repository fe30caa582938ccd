"""Asks an operation of a worker, over its queue."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from contracts import deadline
from contracts.call import Call, Caller, Reply
from contracts.fault import Fault
from ingress.auth.forward.question import Question
from ingress.auth.forward.verdict import NO, Verdict, is_yes
from ingress.auth.http_client import Fields, Unreachable
from ingress.auth.jose import strict_json

# Sends a call and waits so many seconds for the reply, a fault being one.
Ask = Callable[[Call, float], Awaitable[Reply]]


class Operation:
    """The operation gets the request without its body, and replies with JSON.

    ``{"id": "ann", "scopes": ["read"], "roles": [], "groups": [], "fields": {"x-name": "Ann"}}``,
    of which all but the id may be left out; the fault ``unauthenticated`` is a no, ``forbidden`` is
    told to the client. ``hand_on`` are the names of fields that may go to the worker.
    """

    def __init__(self, name: str, ask: Ask, within: float, hand_on: Sequence[str] = ()) -> None:
        self._name = name
        self._ask = ask
        self._within = within
        self._hand_on = frozenset(hand_on)

    async def decide(self, question: Question) -> Verdict:
        path, _, query = question.target.partition("?")
        call = Call(
            id=question.request_id,
            operation=self._name,
            method=question.method,
            path=path,
            query=query,
            headers=(("host", question.host), *question.fields),
            caller=Caller(address=question.address),
            deadline=deadline.after(self._within),
            route=f"auth {self._name}",
        )
        reply = await self._ask(call, self._within)
        if reply.fault is not None:
            return _of_fault(reply.fault)
        return self._read(reply) if is_yes(reply.status) else NO

    def _read(self, reply: Reply) -> Verdict:
        if not reply.body or reply.status == HTTPStatus.NO_CONTENT:
            return Verdict({})
        try:
            who = strict_json.read_object(reply.body)
        except ValueError as error:
            raise Unreachable(str(error)) from None
        return Verdict(who, self._fields(who.pop("fields", {})))

    def _fields(self, said: object) -> Fields:
        if not isinstance(said, dict):
            raise Unreachable("fields must be an object")
        fields = tuple((str(name).lower(), value) for name, value in said.items())
        for _, value in fields:
            if not isinstance(value, str) or not value.isprintable():
                raise Unreachable("a field must be a printable text")
        return tuple(pair for pair in fields if pair[0] in self._hand_on)

    async def close(self) -> None:
        """Nothing is held."""

    def __repr__(self) -> str:
        return f"<Operation {self._name}>"


def _of_fault(fault: Fault) -> Verdict:
    if fault.code == "unauthenticated":
        return NO
    if fault.code == "forbidden":
        raise Fault("forbidden", "the caller may not do this")
    raise Unreachable(str(fault))
