"""Whose count a call is, as a JMESPath expression says."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

import jmespath

from contracts.call import Call
from ingress.auth.identity import Identity


class Request(Protocol):
    """What can be asked of a request: the call, and who makes it."""

    call: Call
    identity: Identity | None


def check(text: str) -> str:
    """Give the expression back, or raise ``ValueError`` with a sentence."""
    try:
        jmespath.compile(text)
    except jmespath.exceptions.JMESPathError as error:
        said = " ".join(str(error).split()).rstrip("^ ")
        raise ValueError(f"this is no JMESPath expression: {said}") from None
    return text


def asks_who(text: str) -> bool:
    """Whether an expression looks at the identity of the caller."""
    nodes = [jmespath.compile(text).parsed]
    while nodes:
        node = nodes.pop()
        if node["type"] == "field" and node["value"] == "identity":
            return True
        nodes += node["children"]
    return False


def reader(text: str) -> Callable[[Request], str | None]:
    """Make the function that gives the value for a call; ``None`` when there is none.

    The expression sees ``ip``, ``method``, ``path``, ``params``, ``query``, ``headers`` (names in
    lower case, the first of each) and ``identity`` (``id``, ``consumer``, ``groups``, ``scopes``,
    ``roles``, ``plan``, ``claims``; null for nobody).
    """
    compiled = jmespath.compile(text)

    def read(request: Request) -> str | None:
        try:
            found = compiled.search(_document(request))
        except jmespath.exceptions.JMESPathError:
            # A function that does not take what is there.
            return None
        return None if found in (None, "", [], {}) else str(found)

    return read


def _document(request: Request) -> Mapping[str, Any]:
    call, identity = request.call, request.identity
    return {
        "ip": call.caller.address,
        "method": call.method,
        "path": call.path,
        "params": dict(call.params),
        "query": dict(reversed(parse_qsl(call.query, keep_blank_values=True))),
        "headers": dict(reversed(call.headers)),
        "identity": identity
        and {
            "id": identity.id,
            "consumer": identity.consumer,
            "groups": list(identity.groups),
            "scopes": list(identity.scopes),
            "roles": list(identity.roles),
            "plan": identity.plan,
            "claims": dict(identity.claims),
        },
    }
