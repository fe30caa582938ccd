"""Tells callers by name and password.

A password that was verified is known for a while by a keyed digest, so that a call does not pay for
it again; so is a wrong one, or who tries the same for ever would keep the threads from the others.
Both are bound to the consumer's hash: a new password ends them. A name that is not there takes as
long as one that is: its password is held against the hash of somebody else.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import Any, Final

from ingress.auth.basic.sections import BasicSection
from ingress.auth.credentials import Credentials
from ingress.auth.decisions import Ask, Decision, Decisions
from ingress.auth.identity import Identity
from ingress.auth.port import Request
from ingress.auth.refusal import Refused
from ingress.consumers.directory import Directory, identity
from ingress.consumers.passwords import MAX_LENGTH, Verifier, make
from ingress.consumers.records import Consumer

_SCHEME: Final = "basic "
_WRONG: Final = "name or password is wrong"
# Seconds that a password is known to be right, or wrong.
_RIGHT_FOR: Final = 300.0
_WRONG_FOR: Final = 10.0
# How many of each are known.
_CAPACITY: Final = 10_000
_LONGEST: Final = 2 * MAX_LENGTH

# What stands in the place of an identity where it is only known whether a password fits.
_FITS: Final = Identity(id="fits", scheme="basic")


class BasicAuthenticator:
    """Reads ``Authorization: Basic`` (RFC 7617), in UTF-8."""

    def __init__(self, name: str, section: BasicSection, directory: Directory) -> None:
        self.name = name
        self.forward = section.forward
        self.credentials = Credentials(headers=frozenset(["authorization"]))
        self._realm = section.realm
        self._directory = directory
        # Whatever else of a consumer changes: what was decided is bound to its hash.
        self._decisions = Decisions(_CAPACITY, lambda: 0)
        self._verifier = Verifier()
        # Of nobody: verified against where the name is not known.
        self._decoy = ""

    def authenticate(self, request: Request) -> Identity | Awaitable[Identity | None] | None:
        """Say whose name and password are shown; waits only for those that are new."""
        shown = request.call.header("authorization")
        if shown[:6].lower() != _SCHEME:
            return None
        name, password = _read(shown[6:])
        consumer = self._directory.consumer(name)
        hashed = consumer.password if consumer else ""
        key = f"{hashed}\0{name}\0{password}"
        if self._decisions.known(key) is None:
            return self._verify(consumer, key, partial(self._decide, hashed, password))
        return _welcome(consumer)

    async def _verify(self, consumer: Consumer | None, key: str, ask: Ask) -> Identity:
        await self._decisions.make(key, ask)
        return _welcome(consumer)

    async def _decide(self, hashed: str, password: str) -> Decision:
        if await self._fits(hashed, password):
            return Decision(_FITS, "", time.time() + _RIGHT_FOR)
        return Decision(None, _WRONG, time.time() + _WRONG_FOR)

    async def _fits(self, hashed: str, password: str) -> bool:
        if hashed:
            return await self._verifier.verify(hashed, password)
        if not self._decoy:
            # The hash of a consumer costs what those of consumers cost.
            some = self._directory.some_password()
            self._decoy = some or await asyncio.to_thread(make, "nobody's")
        await self._verifier.verify(self._decoy, password)
        return False

    def challenge(self, refused: Refused | None) -> str:  # noqa: ARG002 - RFC 7617 has no errors
        """Ask for a name and a password, in UTF-8 (RFC 7617 section 2.1)."""
        return f'Basic realm="{self._realm}", charset="UTF-8"'

    def settings(self) -> Mapping[str, Any]:
        """Give the kind."""
        return {"kind": "basic"}

    async def close(self) -> None:
        """Let the threads go."""
        await self._decisions.close()
        self._verifier.close()

    def __repr__(self) -> str:
        return f"<BasicAuthenticator {self.name}>"


def _welcome(consumer: Consumer | None) -> Identity:
    """Give the identity of whose password fits: nobody's fits who is not known."""
    if consumer is None:
        raise Refused(_WRONG)
    if consumer.disabled:
        raise Refused("the consumer is disabled")
    return identity(consumer, scheme="basic")


def _read(text: str) -> tuple[str, str]:
    """Read the credentials; what cannot be read is refused."""
    if len(text) > _LONGEST:
        raise Refused("the credentials are too long", error="invalid_request")
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        raise Refused("the credentials cannot be read", error="invalid_request") from None
    name, colon, password = decoded.partition(":")
    if not colon or not decoded.isprintable():
        raise Refused("the credentials cannot be read", error="invalid_request")
    return name, password
