"""What was signed: the signature base of a request (RFC 9421 section 2.5)."""

import base64
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl, quote

from contracts.call import Call
from ingress.auth.refusal import Refused
from ingress.auth.signature.structured import InnerList, Member

_PORTS: Final = {"http": ":80", "https": ":443"}


def write(call: Call, scheme: str, said: InnerList) -> bytes:
    """Write the signature base. Raises ``Refused`` for a component that cannot be had."""
    lines, seen = [], set()
    for member in said.members:
        if member.written in seen:
            raise Refused("a component is covered twice")
        seen.add(member.written)
        lines.append(f"{member.written}: {_value(call, scheme, member)}")
    lines.append(f'"@signature-params": {said.written}')
    try:
        return "\n".join(lines).encode("ascii")
    except UnicodeEncodeError:
        raise Refused("a covered component is not ASCII") from None


def _value(call: Call, scheme: str, member: Member) -> str:
    if member.value == "@query-param":
        return _query_param(call, member.parameters)
    if member.value.startswith("@"):
        derive = _DERIVED.get(member.value)
        if derive is None or member.parameters:
            raise Refused("a component is not known here")
        return derive(call, scheme)
    return _field(call, member)


def _field(call: Call, member: Member) -> str:
    """Give a header field's value (section 2.1), or each of its lines as bytes (section 2.1.3)."""
    name = member.value
    values = [value for known, value in call.headers if known == name]
    if name == "content-length" and not values:
        # It ends at the edge, which holds it to the body.
        values = [str(len(call.body))]
    if name != name.lower() or not values:
        raise Refused("a covered header field is not there")
    if member.parameters == {"bs": True}:
        return ", ".join(f":{base64.b64encode(value.encode()).decode()}:" for value in values)
    if member.parameters:
        raise Refused("a parameter of a component is not known here")
    return ", ".join(value.strip(" \t") for value in values)


def _query_param(call: Call, parameters: Mapping[str, object]) -> str:
    """Give one value of the query (section 2.2.8); of a name that stands twice there is none."""
    name = parameters.get("name")
    if len(parameters) != 1 or not isinstance(name, str):
        raise Refused("a parameter of a component is not known here")
    try:
        pairs = parse_qsl(call.query, keep_blank_values=True, max_num_fields=1000, errors="strict")
    except ValueError:
        raise Refused("the query cannot be read") from None
    found = [value for known, value in pairs if _encoded(known) == name]
    if len(found) != 1:
        raise Refused("a covered query parameter is not there once")
    return _encoded(found[0])


def _encoded(text: str) -> str:
    """Percent-encode as WHATWG's form serializer does, but for the space."""
    return quote(text, safe="*-._").replace("~", "%7E")


def _authority(call: Call, scheme: str) -> str:
    return call.header("host").lower().removesuffix(_PORTS[scheme])


def _target(call: Call) -> str:
    return f"{call.path}?{call.query}" if call.query else call.path


_DERIVED: Final[Mapping[str, Callable[[Call, str], str]]] = {
    "@method": lambda call, _: call.method,
    "@authority": _authority,
    "@scheme": lambda _, scheme: scheme,
    "@target-uri": lambda call, scheme: f"{scheme}://{_authority(call, scheme)}{_target(call)}",
    "@request-target": lambda call, _: _target(call),
    "@path": lambda call, _: call.path,
    "@query": lambda call, _: f"?{call.query}",
}
