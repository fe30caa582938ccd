"""Asks a URL, as Traefik's ForwardAuth and nginx's auth_request do."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ingress.auth.forward.question import Question
from ingress.auth.forward.verdict import NO, Verdict, is_yes
from ingress.auth.http_client import HttpClient

# Bytes of a body that nobody reads.
_LIMIT: Final = 64 * 1024
_LIST: Final = re.compile(r"[\s,]+")


class Site:
    """Reads the answer's header fields: ``names`` says which holds what of the caller.

    ``hand_on`` are those that go to the worker.
    """

    def __init__(
        self,
        url: str,
        http: HttpClient,
        within: float,
        names: Mapping[str, str],
        hand_on: Sequence[str] = (),
    ) -> None:
        self._url = url
        self._http = http
        self._within = within
        self._names = names
        self._hand_on = frozenset(hand_on)

    async def decide(self, question: Question) -> Verdict:
        answer = await self._http.send(
            "GET", self._url, fields=question.fields, timeout=self._within, limit=_LIMIT
        )
        if not is_yes(answer.status):
            return NO
        who: dict[str, Any] = {}
        for what, name in self._names.items():
            if value := answer.field(name).strip():
                who[what] = value if what == "id" else _LIST.split(value.strip(", "))
        return Verdict(who, tuple(pair for pair in answer.fields if pair[0] in self._hand_on))

    async def close(self) -> None:
        await self._http.close()

    def __repr__(self) -> str:
        return "<Site>"
