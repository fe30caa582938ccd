"""What of a call decides where it goes."""

import pytest

from contracts.call import Call, Caller
from ingress.routing import keys

CALL = Call(
    id="1",
    operation="s.o",
    query="a=1&b=&a=2",
    params={"id": "7"},
    headers=(("x-tenant", "t"), ("cookie", "a=b; session=s%3D1 ;c"), ("cookie", "session=other")),
    caller=Caller(id="anna", address="192.0.2.1"),
)


@pytest.mark.parametrize(
    "sources, key",
    [
        (["caller"], "caller=anna"),
        (["address"], "address=192.0.2.1"),
        (["header:X-Tenant"], "header:x-tenant=t"),
        (["cookie:session"], "cookie:session=s%3D1"),
        (["path:id"], "path:id=7"),
        (["query:a"], "query:a=1"),
        (["query:b", "cookie:none", "address"], "address=192.0.2.1"),
        (["header:none", "query:none", "path:none"], ""),
        ([], ""),
    ],
)
def test_the_first_that_a_call_has_is_its_key(sources: list[str], key: str) -> None:
    """With the source before it, since a caller's name may be somebody's cookie."""
    assert keys.first_of(sources)(CALL) == key


def test_a_call_without_anything_has_no_key() -> None:
    """It is empty, and never raises."""
    bare = Call(id="1", operation="s.o")
    every = ["caller", "address", "header:a", "cookie:a", "path:a", "query:a"]
    assert keys.first_of(every)(bare) == ""


@pytest.mark.parametrize(
    "text", ["", "ip", "header:", "cookie:a b", "path:1", "query:", "caller:x"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    """With a sentence that says what is one."""
    with pytest.raises(ValueError, match="a key is caller, address"):
        keys.check(text)
