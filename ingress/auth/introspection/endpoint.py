"""Asks an issuer about a token, and reads its answer (RFC 7662 section 2)."""

import base64
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import msgspec

from ingress.auth.http_client import Answer, Fields, HttpClient, Unreachable
from ingress.auth.jose import strict_json

# Bytes of an answer: claims, and not a page.
_LIMIT: Final = 16 * 1024
_OK: Final = 200


class Client(msgspec.Struct, frozen=True):
    """Who we are to the issuer; ``basic`` says where that is told (RFC 6749 section 2.3.1)."""

    id: str
    secret: str
    basic: bool = True

    def fields(self) -> Fields:
        """Give the header fields that prove it."""
        if not self.basic:
            return ()
        pair = f"{quote_plus(self.id)}:{quote_plus(self.secret)}".encode()
        return (("authorization", f"Basic {base64.b64encode(pair).decode()}"),)

    def form(self) -> dict[str, str]:
        """Give the members of the form that prove it."""
        return {} if self.basic else {"client_id": self.id, "client_secret": self.secret}

    def __repr__(self) -> str:
        return f"<Client {self.id}>"


class Endpoint:
    """``claims = await Endpoint(url, client, http, 2.0).ask(token)``."""

    def __init__(self, url: str, client: Client, http: HttpClient, within: float) -> None:
        self._url = url
        self._client = client
        self._http = http
        self._within = within

    async def ask(self, token: str) -> Mapping[str, Any] | None:
        """Give what the issuer says of an active token, ``None`` for another.

        Raises ``Unreachable`` for anything that is no such answer: also for a refusal of
        ourselves, which says nothing of the token.
        """
        form = {"token": token, "token_type_hint": "access_token", **self._client.form()}
        fields = (
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
            *self._client.fields(),
        )
        answer = await self._http.send(
            "POST",
            self._url,
            fields=fields,
            body=urlencode(form).encode(),
            timeout=self._within,
            limit=_LIMIT,
        )
        return _read(answer)

    async def close(self) -> None:
        await self._http.close()


def _read(answer: Answer) -> Mapping[str, Any] | None:
    if answer.status != _OK:
        raise Unreachable(f"status {answer.status}")
    try:
        claims = strict_json.read_object(answer.body)
    except ValueError as error:
        raise Unreachable(str(error)) from None
    active = claims.get("active")
    if not isinstance(active, bool):
        # Whatever else is like true is not.
        raise Unreachable("the answer does not say whether the token is active")
    return claims if active else None
