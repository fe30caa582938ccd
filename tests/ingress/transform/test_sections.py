from typing import Any

import pytest

from ingress import routefile
from ingress.problems import ConfigError


def problem(transform: str) -> str:
    text = f"routes:\n  - route: GET /a\n    operation: a.b\n    transform: {transform}\n"
    with pytest.raises(ConfigError) as caught:
        routefile.parse(text.encode(), source="g", environment={})
    return str(caught.value)


@pytest.mark.parametrize(
    "transform, told",
    [
        ("{reply: {body: 'a..b'}}", "g:4:31: routes[0].transform.reply.body: this is no JMESPath"),
        ("{request: {headers: {set: {Host: a}}}}", "is no header's name in lower case"),
        ("{request: {headers: {remove: [connection]}}}", "connection is the gateway's own to say"),
        ("{reply: {headers: {set: {x-a: 'ä'}}}}", "printable ASCII"),
        ("{reply: {status: 5}}", "no such key"),
        ("{request: {query: {set: {a: {from: '('}}}}}", "this is no JMESPath"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(transform: str, told: str) -> None:
    """When the file is read."""
    assert told in problem(transform)


def test_a_value_is_a_text_or_found() -> None:
    """By an expression."""
    text = "routes: [{route: GET /a, operation: a.b, transform: {request: {headers: {set: "
    text += "{x-a: b, x-c: {from: body.d}}}}}}]"
    section: Any = routefile.parse(text.encode(), environment={}).routes[0].transform
    values = section.request.headers.set
    assert values["x-a"] == "b"
    assert values["x-c"].from_ == "body.d"
