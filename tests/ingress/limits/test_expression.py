import pytest

from ingress.auth.identity import Identity
from ingress.limits.expression import asks_who, check, reader
from tests.ingress.limits.asked import request

_ANNA = Identity(id="s", scheme="jwt", groups=("staff",), claims={"tenant": {"id": 7}})


@pytest.mark.parametrize(
    "text, found",
    [
        ("ip", "203.0.113.7"),
        ("method", "GET"),
        ("path", "/a/1"),
        ("params.id", "1"),
        ("query.q", "first"),
        ('headers."x-a"', "1"),
        ("identity.id", "s"),
        ("identity.groups[0]", "staff"),
        ("identity.claims.tenant.id", "7"),
        ("identity.claims.nothing", None),
        ("length(path)", "4"),
        ("length(`1`)", None),
        ("''", None),
        ("`0`", "0"),
    ],
)
def test_it_sees_the_call_and_who_makes_it(text: str, found: str | None) -> None:
    """An expression finds its value in call and identity, and none is no error."""
    headers = (("x-a", "1"), ("x-a", "2"))
    asked = request(identity=_ANNA, headers=headers, query="q=first&q=second")
    assert reader(check(text))(asked) == found


def test_nobody_has_no_claims() -> None:
    """Without an identity nothing of one is found."""
    assert reader("identity.claims.tenant")(request()) is None


def test_what_is_no_expression_is_told() -> None:
    """A text that is none is refused with the reason."""
    with pytest.raises(ValueError, match="no JMESPath expression"):
        check("identity..id")


@pytest.mark.parametrize(
    "text, asks",
    [
        ("ip", False),
        ("headers.tenant || params.tenant", False),
        ("identity.id", True),
        ("not_null(headers.a, identity.claims.tenant, ip)", True),
        ("[ip, identity.id] | join(' ', @)", True),
    ],
)
def test_it_is_known_whether_an_expression_asks_who_is_calling(text: str, asks: bool) -> None:  # noqa: FBT001
    """Wherever in it that stands."""
    assert asks_who(text) is asks
