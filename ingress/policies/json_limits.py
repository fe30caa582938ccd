"""Refuse a JSON body that is nested too deep, or has too much in it, before anything parses it.

A parser spends memory and time on what it is given, many times the size of the text; so does the
operation behind it. Whatever a reader could take for JSON is looked at, whatever content type it
says that it has: some readers never ask.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot
from ingress.protection.json_limits import (
    JsonLimits,
    broken,
    in_another_encoding,
    looks_like_json,
)


class LimitJson:
    """Answers 422 ``invalid_body`` to a JSON body that breaks a limit."""

    name = "json_limits"
    slot = Slot.SHAPE

    def __init__(self, limits: JsonLimits) -> None:
        self._limits = limits

    def admit(self, flow: Request) -> Reply | None:
        body = flow.call.body
        if not body:
            return None
        coding = flow.call.header("content-encoding").strip().lower()
        if coding not in {"", "identity"}:
            # What cannot be looked into cannot be held to a limit.
            raise Fault(
                "unsupported_media_type",
                "a compressed body cannot be checked here",
                headers=(("accept-encoding", "identity"),),
            )
        if in_another_encoding(body):
            raise Fault("invalid_body", "JSON is written in UTF-8 here")
        if looks_like_json(body) and (what := broken(body, self._limits)):
            raise Fault("invalid_body", f"the body is more than is taken here: {what}")
        return None

    def settings(self) -> Mapping[str, Any]:
        return msgspec.structs.asdict(self._limits)

    def __repr__(self) -> str:
        return f"<LimitJson {self._limits!r}>"


def build(asked: Mapping[str, Any]) -> LimitJson | None:
    """Build it for a route that has ``json_limits``."""
    settings = asked.get("json_limits", "off")
    return None if settings == "off" else LimitJson(JsonLimits(**settings))
