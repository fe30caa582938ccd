"""Make the request that the worker wants of the one that came, and the reply that clients expect.

The last to change a request and the first to change a reply: clients are held to the public
schemas, workers get theirs.
"""

from collections.abc import Mapping
from typing import Any

from contracts.call import Reply
from contracts.fault import Fault
from ingress import content
from ingress.policies.port import Request, Slot
from ingress.transform.expression import ExpressionError
from ingress.transform.rewriter import UNCHANGED, ReplyRewriter, RequestRewriter
from ingress.transform.sections import TransformSection


class Transform:
    """Answers 400 for a request that cannot be made into the other, 502 for such a reply."""

    name = "transform"
    slot = Slot.REWRITE

    def __init__(self, section: TransformSection, *, most: int) -> None:
        request, reply = section.request, section.reply
        self._section = section
        self._request = RequestRewriter(request, most=most) if request else None
        self._reply = ReplyRewriter(reply, most=most) if reply else None

    def admit(self, flow: Request) -> Reply | None:
        if self._request is None:
            return None
        try:
            call, value = self._request.rewrite(flow.call, lambda: content.value(flow))
        except ExpressionError as error:
            raise Fault("invalid_request", f"the request cannot be transformed: {error}") from None
        flow.call = call
        if value is not UNCHANGED:
            content.remember(flow, value)
        return None

    def settle(self, flow: Request) -> None:
        if self._reply is None or flow.reply is None:
            return
        try:
            flow.reply = self._reply.rewrite(flow.reply, flow.call)
        except (ExpressionError, Fault) as error:
            detail = error.detail if isinstance(error, Fault) else str(error)
            raise Fault(
                "bad_reply", f"the worker's reply cannot be transformed: {detail}"
            ) from None

    def settings(self) -> Mapping[str, Any]:
        section = self._section
        sides = {"request": section.request, "reply": section.reply}
        return {
            f"{side}.{part}": value if isinstance(value, str) else "changed"
            for side, one in sides.items()
            if one is not None
            for part in type(one).model_fields
            if (value := getattr(one, part)) is not None
        }

    def __repr__(self) -> str:
        return f"<Transform {', '.join(self.settings())}>"


def build(asked: Mapping[str, Any]) -> Transform | None:
    """Build it for a route that says ``transform``."""
    section: TransformSection | None = asked.get("transformation")
    if section is None or (section.request is None and section.reply is None):
        return None
    return Transform(section, most=asked["most"])
