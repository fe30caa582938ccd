"""Taking credentials off a call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.call import Call
from ingress.auth.credentials import Credentials, cookie_value, query_value, taker


def call(query: str = "", *headers: tuple[str, str]) -> Call:
    return Call(id="1", operation="a.b", query=query, headers=headers)


def test_header_fields_are_taken_off_and_the_others_stay_in_order() -> None:
    """Also when the client sent one several times."""
    sent = call("", ("a", "1"), ("x-api-key", "s"), ("b", "2"), ("x-api-key", "t"))
    taken = Credentials(headers=frozenset(["x-api-key"])).taken_off(sent)
    assert taken.headers == (("a", "1"), ("b", "2"))


@pytest.mark.parametrize(
    "query, rest",
    [
        ("key=s", ""),
        ("a=1&key=s&b=%20", "a=1&b=%20"),
        ("key=s&key=t&a", "a"),
        ("k%65y=s&a=+", "a=+"),
        ("key", ""),
        ("keys=1&KEY=2", "keys=1&KEY=2"),
        ("", ""),
    ],
)
def test_keys_are_taken_off_the_query_whose_other_bytes_stay(query: str, rest: str) -> None:
    """However they are written, and however often."""
    assert Credentials(query=frozenset(["key"])).taken_off(call(query)).query == rest


@pytest.mark.parametrize(
    "cookies, rest",
    [
        ("sid=s", []),
        ("a=1; sid=s; b=2", ["a=1; b=2"]),
        ("sid=s; sid=t; c=3", ["c=3"]),
        ("side=1", ["side=1"]),
    ],
)
def test_cookies_are_taken_out_of_their_field(cookies: str, rest: list[str]) -> None:
    """A field with nothing left in it goes away."""
    taken = Credentials(cookies=frozenset(["sid"])).taken_off(call("", ("cookie", cookies)))
    assert [value for name, value in taken.headers if name == "cookie"] == rest


@pytest.mark.parametrize(
    "names", [(), ("a",), ("b",), ("zzz",)], ids=["none", "first", "twice", "absent"]
)
@pytest.mark.parametrize("also", [Credentials(), Credentials(query=frozenset(["k"]))])
def test_what_is_made_for_certain_credentials_takes_the_same(
    names: tuple[str, ...], also: Credentials
) -> None:
    """One that is said once, several times or not at all, beside others or alone."""
    credentials = Credentials(headers=frozenset(names)) | also
    sent = call("k=1&x", ("a", "b"), ("b", "1"), ("c", "a"), ("b", "2"))
    assert taker(credentials)(sent) == credentials.rest(sent)
    kept = tuple(pair for pair in sent.headers if pair[0] not in names)
    assert taker(credentials)(sent)[0] == kept


def test_a_call_without_them_is_the_same_one() -> None:
    """Nothing is copied where there is nothing to take."""
    sent = call("a=1", ("a", "1"))
    assert Credentials(frozenset(["b"]), frozenset(["c"])).taken_off(sent) is sent


def test_places_are_added_and_taken_away() -> None:
    """A route takes off what all of its authenticators read, but for one that forwards."""
    both = Credentials(frozenset(["a"]), frozenset(["b"])) | Credentials(cookies=frozenset(["c"]))
    assert both == Credentials(frozenset(["a"]), frozenset(["b"]), frozenset(["c"]))
    assert both - Credentials(frozenset(["a"])) == Credentials(
        query=frozenset(["b"]), cookies=frozenset(["c"])
    )


@given(st.text("k%6B=&+;s \u00fc\udc80", max_size=20), st.lists(st.text("k=; v", max_size=12)))
def test_whatever_is_sent_what_could_be_read_is_gone(query: str, cookies: list[str]) -> None:
    """A value that an authenticator would find is not found after it, and nothing is raised."""
    sent = call(query, *(("cookie", text) for text in cookies))
    names = frozenset(["k"])
    taken = Credentials(query=names, cookies=names).taken_off(sent)
    assert query_value(taken.query, "k") is None
    assert cookie_value(taken, "k") is None


@pytest.mark.parametrize(
    "query, value",
    [
        ("k=a%20b", "a b"),
        ("x=1&%6B=v", "v"),
        ("k=", ""),
        ("k=1&k=2", None),
        ("kk=1", None),
        ("", None),
        ("%", None),
    ],
)
def test_a_key_of_the_query_is_read_where_it_is_said_once(query: str, value: str | None) -> None:
    """Of two one cannot know which the next reader would take."""
    assert query_value(query, "k") == value


@pytest.mark.parametrize(
    "fields, value",
    [
        (["a=1; sid=v"], "v"),
        (["sid=a=b"], "a=b"),
        (["a=1", "sid=v"], "v"),
        (["sid=1; sid=2"], None),
        (["sid=1", "sid=2"], None),
        (["sida=1"], None),
        ([], None),
    ],
)
def test_a_cookie_is_read_where_it_is_said_once(fields: list[str], value: str | None) -> None:
    """In whichever of the fields it stands."""
    sent = call("", *(("cookie", field) for field in fields))
    assert cookie_value(sent, "sid") == value
