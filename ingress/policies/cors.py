"""Let web pages of other origins read answers: CORS, as the Fetch standard says in section 3.2.

It is the browser that keeps pages apart; these fields only tell it whom it may let through. They go
on whatever is answered, errors too: a page that may read a 200 may also read that it has to log in
or to slow down. A preflight is answered here and needs no credentials, for a browser sends none
with it (section 4.8).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contracts.call import Reply
from ingress.fields import Pairs
from ingress.policies.port import Request, Slot
from ingress.protection.origins import Origins

_PREFIX: Final = "access-control-"
_NO_CONTENT: Final = 204
_WORD: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_METHOD: Final = re.compile(_WORD)
_NAMES: Final = re.compile(rf"{_WORD}(?:[ \t]*,[ \t]*{_WORD})*")
# Bytes of the list of fields in a preflight; nobody's page sets more.
_LONGEST: Final = 2048


class CorsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """As in the route file; ``max_age`` is in seconds."""

    origins: tuple[str, ...]
    credentials: bool = False
    headers: tuple[str, ...] = ("*",)
    expose: tuple[str, ...] = ()
    max_age: float = 600.0
    private_network: bool = False


class Cors:
    """Answers preflights, and adds to every other answer who may read it."""

    name = "cors"
    slot = Slot.EDGE

    def __init__(self, settings: CorsSettings) -> None:
        self._settings = settings
        self._origins = Origins(settings.origins)
        # Who allows everybody says the same to everybody; else caches must keep answers apart.
        self._vary = () if self._origins.any else (("vary", "origin"),)
        self._granted: Pairs = ()
        if settings.credentials:
            self._granted += (("access-control-allow-credentials", "true"),)
        self._exposed: Pairs = ()
        if settings.expose:
            self._exposed = (("access-control-expose-headers", ", ".join(settings.expose)),)

    def admit(self, flow: Request) -> Reply | None:
        call = flow.call
        if call.method == "OPTIONS" and (answer := self.preflight(flow, call.headers)):
            return answer
        self.early(flow, call.headers)
        return None

    def early(self, flow: Request, fields: Pairs) -> None:
        """Say who may read the answer."""
        flow.headers += self._vary
        if allowed := self._allow(_first(fields, "origin")):
            flow.headers += (allowed, *self._granted, *self._exposed)

    def preflight(self, flow: Request, fields: Pairs) -> Reply | None:
        """Answer the question that a browser asks first; ``None`` when this is none."""
        origin, method = _first(fields, "origin"), _first(fields, "access-control-request-method")
        if not origin or not method:
            return None
        flow.headers += self._vary
        if (allowed := self._allow(origin)) and _METHOD.fullmatch(method):
            flow.headers += (allowed, *self._granted, *self._answers(method, fields))
        return Reply(status=_NO_CONTENT)

    def settle(self, flow: Request) -> None:
        """Take out what the worker says of this: one of the two would be wrong."""
        reply = flow.reply
        if reply is not None and any(name.lower().startswith(_PREFIX) for name, _ in reply.headers):
            kept = tuple(pair for pair in reply.headers if not pair[0].lower().startswith(_PREFIX))
            flow.reply = msgspec.structs.replace(reply, headers=kept)

    def settings(self) -> Mapping[str, Any]:
        said = msgspec.structs.asdict(self._settings)
        return {key: list(one) if isinstance(one, tuple) else one for key, one in said.items()}

    def _allow(self, origin: str) -> tuple[str, str] | None:
        if not origin or origin not in self._origins:
            return None
        return "access-control-allow-origin", "*" if self._origins.any else origin

    def _answers(self, method: str, fields: Pairs) -> Pairs:
        answers = [("access-control-allow-methods", method)]
        wanted = _first(fields, "access-control-request-headers")
        # A star is no wildcard beside credentials, and never covers Authorization (section 3.2.1):
        # so it is answered with what was asked for.
        if any(name == "*" for name in self._settings.headers):
            if len(wanted) <= _LONGEST and _NAMES.fullmatch(wanted):
                answers.append(("access-control-allow-headers", wanted))
        elif self._settings.headers:
            answers.append(("access-control-allow-headers", ", ".join(self._settings.headers)))
        answers.append(("access-control-max-age", str(int(self._settings.max_age))))
        asks_network = _first(fields, "access-control-request-private-network") == "true"
        if asks_network and self._settings.private_network:
            answers.append(("access-control-allow-private-network", "true"))
        return tuple(answers)

    def __repr__(self) -> str:
        return f"<Cors {', '.join(self._settings.origins)}>"


def build(asked: Mapping[str, Any]) -> Cors | None:
    """Build it for a route that has ``cors``."""
    settings = asked.get("cors", "off")
    return None if settings == "off" else Cors(CorsSettings(**settings))


def _first(fields: Pairs, name: str) -> str:
    return next((value for key, value in fields if key == name), "")
