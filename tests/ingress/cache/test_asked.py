"""What of a request matters to a cache."""

from contracts.call import Call
from ingress.cache.asked import read, without_conditions


def call(method: str = "GET", body: bytes = b"", **fields: str) -> Call:
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Call(id="1", operation="a.b", method=method, headers=headers, body=body)


def test_a_plain_request_asks_for_all_of_it() -> None:
    """Host in lower case, and nothing in the way."""
    asked = read(call(host="Shop", accept="*/*"))
    assert (asked.host, dict(asked.said), asked.bypass, asked.target) == ("shop", {}, "", "")
    assert not asked.conditional


def test_its_cache_control_is_read() -> None:
    """Pragma stands for it only where there is none (RFC 9111 section 5.4)."""
    assert dict(read(call(cache_control="max-age=1", pragma="no-cache")).directives) == {
        "max-age": "1"
    }
    assert "no-cache" in read(call(pragma="no-cache")).directives
    assert not read(call(pragma="x")).directives


def test_conditions_are_seen_and_can_be_left_out() -> None:
    """Lines of one name are joined; HEAD has no ranges (RFC 9110 section 14.2)."""
    both = Call(
        id="1",
        operation="a.b",
        method="GET",
        headers=(("if-none-match", '"1"'), ("x", "y"), ("if-none-match", '"2"')),
    )
    asked = read(both)
    assert asked.conditional
    assert asked["if-none-match"] == '"1", "2"'
    assert without_conditions(both.headers) == (("x", "y"),)
    assert not read(call("HEAD", range="bytes=0-1")).conditional


def test_what_changes_its_meaning_is_no_business_of_a_cache() -> None:
    """A method override, or a body."""
    assert read(call(x_http_method_override="PUT")).bypass == "method-override"
    assert read(call(body=b"x")).bypass == "body"


def test_what_else_names_the_target_is_told() -> None:
    """The same for the same fields in any order; who asks is not in it."""
    one = read(call(x_forwarded_host="a", x_host="b", forwarded="for=1;Host=c, for=2;proto=https"))
    other = read(call(x_host="b", forwarded="proto=https;for=9,host=c", x_forwarded_host="a"))
    assert one.target == other.target != ""
    assert read(call(forwarded="for=1.2.3.4")).target == ""
