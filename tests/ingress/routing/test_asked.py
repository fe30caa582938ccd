"""A request as the router looks at it."""

from ingress.head import HeadReader
from ingress.routing.asked import NOTHING, Asked


def test_a_head_is_one_and_nothing_is_one() -> None:
    """The router asks for fields and query alone."""
    head = HeadReader().read(b"GET /a?b HTTP/1.1\r\nhost: x\r\n\r\n")
    assert head is not None
    asked: Asked = head
    assert (asked.fields, asked.query) == ((("host", "x"),), "b")
    assert (NOTHING.fields, NOTHING.query) == ((), "")
