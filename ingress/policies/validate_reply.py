"""Hold a worker's reply to its schema: warn of what does not fit, or answer 502 instead.

The client learns that the reply was unfit and where, never what was in it.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.policies.port import Request, Slot
from ingress.validation.checker import Checker, Violation
from ingress.validation.shape import Shape
from ingress.validation.source import reply_schema

_log: Final = logging.getLogger("queuegate.validation")
# No body, so nothing to hold against a schema (RFC 9110 sections 9.3.2, 15.3.5, 15.4.5).
_WITHOUT_BODY: Final = frozenset({204, 205, 304})
# Seconds between two warnings of a route: a worker that is wrong is wrong on every call.
_PAUSE: Final = 1.0


class ValidateReply:
    """Answers 502 ``bad_reply`` (``enforce``) or writes a warning (``log``)."""

    name = "validate_reply"
    slot = Slot.REWRITE

    def __init__(
        self,
        replies: Mapping[str, Checker],
        *,
        enforce: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._replies = replies
        self._enforce = enforce
        self._clock = clock
        self._quiet_until = 0.0
        self._unsaid = 0

    def admit(self, flow: Request) -> Reply | None:
        """Pass: it is for the way back."""

    def settle(self, flow: Request) -> None:
        reply = flow.reply
        if reply is None or reply.status in _WITHOUT_BODY or flow.call.method == "HEAD":
            return
        checker: Checker | None = reply_schema(self._replies, reply.status)
        found = _violation(checker, reply) if checker else None
        if found is None:
            return
        if self._enforce:
            raise Fault(
                "bad_reply",
                f"the worker's reply does not fit its schema: {_sentence(found)}",
                errors=[
                    {"pointer": found.pointer, "detail": found.detail, "keyword": found.keyword}
                ],
            )
        self._warn(flow, found)

    def settings(self) -> Mapping[str, Any]:
        return {
            "replies": "enforce" if self._enforce else "log",
            "statuses": list(self._replies),
        }

    def _warn(self, flow: Request, found: Violation) -> None:
        self._unsaid += 1
        now = self._clock()
        if now < self._quiet_until:
            return
        count, self._unsaid, self._quiet_until = self._unsaid, 0, now + _PAUSE
        call = flow.call
        _log.warning(
            "reply of %s does not fit its schema: %s (%d since the last such line) request_id=%s",
            call.operation,
            _sentence(found),
            count,
            call.id,
        )

    def __repr__(self) -> str:
        return f"<ValidateReply {'enforce' if self._enforce else 'log'} {', '.join(self._replies)}>"


def build(asked: Mapping[str, Any]) -> ValidateReply | None:
    """Build it for a route that wants its replies checked, and waits for them."""
    shape: Shape | None = asked.get("shape")
    if shape is None or shape.on_reply == "off" or not shape.replies or asked.get("accept"):
        return None
    return ValidateReply(shape.replies, enforce=shape.on_reply == "enforce")


def _violation(checker: Checker, reply: Reply) -> Violation | None:
    kind = content.kind_of(reply.header("content-type"))
    parse = content.parser_of(kind)
    if parse is None:
        return Violation("", f"is {kind}, which cannot be held against a schema", "")
    try:
        value = parse(reply.body)
    except Fault:
        return Violation("", f"is not well-formed {kind or 'JSON'}", "")
    if checker.fits(value):
        return None
    return checker.violations(value)[0]


def _sentence(found: Violation) -> str:
    return f"{found.pointer or 'the body'} {found.detail}"
