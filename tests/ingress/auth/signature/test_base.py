import msgspec
import pytest

from contracts.call import Call
from ingress.auth.refusal import Refused
from ingress.auth.signature import base, structured
from tests.ingress.auth.signature.vectors import REQUEST


def lines(covered: str, call: Call = REQUEST, scheme: str = "https") -> list[str]:
    """Give the lines of the base but the last, which are those of the components."""
    said = structured.lists(f"s=({covered});created=1")["s"]
    written = base.write(call, scheme, said).decode().split("\n")
    assert written[-1] == f'"@signature-params": ({covered});created=1'
    return written[:-1]


def test_the_base_of_the_standard() -> None:
    """The example of RFC 9421 section 2.5 is written byte for byte."""
    names = ["@method", "@authority", "@path", "content-digest", "content-length", "content-type"]
    assert lines(" ".join(f'"{name}"' for name in names)) == [
        '"@method": POST',
        '"@authority": example.com',
        '"@path": /foo',
        '"content-digest": ' + REQUEST.header("content-digest"),
        '"content-length": 18',
        '"content-type": application/json',
    ]


def test_what_is_derived_from_the_request() -> None:
    """Each derived component of a request has its value (section 2.2)."""
    call = msgspec.structs.replace(
        REQUEST, headers=(("host", "WWW.Example.com:443"),), path="/a%20b", query="x=1&y"
    )
    assert lines('"@target-uri" "@scheme" "@request-target" "@path" "@query"', call) == [
        '"@target-uri": https://www.example.com/a%20b?x=1&y',
        '"@scheme": https',
        '"@request-target": /a%20b?x=1&y',
        '"@path": /a%20b',
        '"@query": ?x=1&y',
    ]
    assert lines('"@authority"', call, "http") == ['"@authority": www.example.com:443']
    bare = msgspec.structs.replace(call, query="")
    assert lines('"@query" "@request-target"', bare) == ['"@query": ?', '"@request-target": /a%20b']


def test_values_of_the_query() -> None:
    """They are decoded and encoded again, so that each has one writing (section 2.2.8)."""
    call = msgspec.structs.replace(
        REQUEST,
        query="var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace"
        "&fa%C3%A7ade%22%3A%20=something&qux=",
    )
    covered = [
        '"@query-param";name="var"',
        '"@query-param";name="bar"',
        '"@query-param";name="fa%C3%A7ade%22%3A%20"',
        '"@query-param";name="qux"',
    ]
    assert lines(" ".join(covered), call) == [
        f"{covered[0]}: this%20is%20a%20big%0Amultiline%20value",
        f"{covered[1]}: with%20plus%20whitespace",
        f"{covered[2]}: something",
        f"{covered[3]}: ",
    ]


def test_a_field_that_stands_twice_is_one_value() -> None:
    """Values are joined as HTTP joins them, or each wrapped by itself (section 2.1.3)."""
    call = msgspec.structs.replace(REQUEST, headers=(("x", "value, with, lots"), ("x", "of ")))
    assert lines('"x" "x";bs', call) == [
        '"x": value, with, lots, of',
        '"x";bs: :dmFsdWUsIHdpdGgsIGxvdHM=:, :b2Yg:',
    ]


@pytest.mark.parametrize(
    "covered",
    [
        '"@status"',
        '"@nothing"',
        '"@signature-params"',
        '"@"',
        '""',
        '"@method";req',
        '"@method";x=1',
        '"@query-param"',
        '"@query-param";name=5',
        '"@query-param";name="nothing"',
        '"@query-param";name="twice"',
        '"@query-param";name="Pet";x',
        '"nothing"',
        '"Date"',
        '"date";sf',
        '"date";key="a"',
        '"date";tr',
        '"date";req',
        '"date";bs;sf',
        '"date" "date"',
        '"x-odd"',
        '"x-long"',
    ],
)
def test_what_cannot_be_had_is_refused(covered: str) -> None:
    """An unknown component, one that is not there, or there twice, gives no base at all."""
    call = msgspec.structs.replace(
        REQUEST, query="Pet=dog&twice=1&twice=2", headers=(*REQUEST.headers, ("x-odd", "é"))
    )
    with pytest.raises(Refused):
        lines(covered, call)


@pytest.mark.parametrize("query", ["Pet=%ff", "a&" * 2000 + "Pet=dog"])
def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    """What is no UTF-8, or without end, is a refusal and no crash."""
    with pytest.raises(Refused, match="query"):
        lines('"@query-param";name="Pet"', msgspec.structs.replace(REQUEST, query=query))
