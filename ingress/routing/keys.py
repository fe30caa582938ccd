"""What of a call decides where it goes: ``caller``, ``address``, ``cookie:NAME``, ``header:NAME``.

And ``path:NAME`` and ``query:NAME``, for keys that are in the request's target. The values are
untrusted text; they are hashed, never interpreted.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import parse_qsl

from contracts.call import Call

FORM: Final = (
    r"^(caller|address|(header|cookie):[A-Za-z0-9!#$%&'*+.^_`|~-]+|path:[A-Za-z_][A-Za-z0-9_]*"
    r"|query:.+)$"
)
_FORM: Final = re.compile(FORM)

Key = Callable[[Call], str]


def check(text: str) -> str:
    """Check how a key is written in the route file; raises ``ValueError``."""
    if not _FORM.fullmatch(text):
        msg = (
            "a key is caller, address, header:NAME, cookie:NAME, path:NAME or query:NAME,"
            f" not {text!r}"
        )
        raise ValueError(msg)
    return text


def first_of(sources: Sequence[str]) -> Key:
    """Compile keys into the function that gives the first that a call has; empty if it has none."""
    keys = tuple(_key(source) for source in sources)

    def first(call: Call) -> str:
        for source, key in keys:
            value = key(call)
            if value:
                # The same text from another source is another key.
                return f"{source}={value}"
        return ""

    return first


def _key(source: str) -> tuple[str, Key]:
    kind, _, name = source.partition(":")
    match kind:
        case "caller":
            return source, lambda call: call.caller.id
        case "address":
            return source, lambda call: call.caller.address
        case "header":
            lower = name.lower()
            return f"header:{lower}", lambda call: call.header(lower)
        case "cookie":
            return source, lambda call: cookie(call, name)
        case "path":
            return source, lambda call: call.params.get(name, "")
        case _:
            return source, lambda call: _query(call.query, name)


def cookie(call: Call, name: str) -> str:
    """Give the value of a cookie (RFC 6265 section 5.4), of the first of its name."""
    for field, value in call.headers:
        if field == "cookie":
            for pair in value.split(";"):
                key, _, said = pair.strip().partition("=")
                if key == name:
                    return said
    return ""


def _query(query: str, name: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    return next((value for key, value in pairs if key == name), "")
