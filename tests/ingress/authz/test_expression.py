"""Conditions in CEL."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress.authz import expression
from ingress.authz.expression import Expression, TooMuch
from tests.ingress.authz.people import ANN, call, who


@pytest.mark.parametrize(
    "source",
    [
        "claims.tenant == request.params.tenant",
        "caller.id == 'ann' && caller.scheme == 'jwt' && caller.consumer == 'acme'",
        "'staff' in caller.groups && 'orders.read' in caller.scopes && 'clerk' in caller.roles",
        "caller.plan == 'gold' && caller.address == '10.1.2.3'",
        "claims.level >= 3 && claims.email_verified",
        "claims.address.country in ['DE', 'FR']",
        "claims.aud.exists(one, one == 'stock')",
        "!has(claims.nothing)",
        "request.method == 'POST' && request.path.startsWith('/t/')",
        "request.headers['x-tenant'] == 'acme' && request.query.dry == '1'",
        "request.path.matches('^/t/[a-z]+$')",
        "now > timestamp('2020-01-01T00:00:00Z') && now.getHours() < 24",
        "size(claims.aud) == 2 ? true : false",
    ],
)
def test_what_is_true_holds(source: str) -> None:
    """Over the caller, its token, the request and the time."""
    asked = call(
        path="/t/acme",
        params={"tenant": "acme"},
        query="dry=1",
        headers=(("x-tenant", "acme"),),
    )
    assert Expression(source).holds(ANN, asked)


@pytest.mark.parametrize(
    "source", ["claims.tenant == 'x'", "claims.tenant", "claims.level", "claims.aud", "null", "1"]
)
def test_only_true_is_true(source: str) -> None:
    """What is merely not false lets nobody in."""
    assert Expression(source).holds(ANN, call()) is False


@pytest.mark.parametrize(
    "source",
    [
        "claims.nothing == claims.nowhere",
        "claims.nothing == null",
        "claims.tenant > 3",
        "claims.level / 0 == 1",
        "request.params.tenant == claims.tenant",
        "request.headers['x-tenant'] == 'acme'",
        "int(claims.tenant) == 1",
        "claims.tenant.matches('(')",
    ],
)
def test_what_cannot_be_told_raises(source: str) -> None:
    """A claim that is missing is not equal to another one that is missing."""
    with pytest.raises((KeyError, TypeError, RuntimeError, ZeroDivisionError, ValueError)):
        Expression(source).holds(ANN, call())


@pytest.mark.parametrize("part", ["query", "headers"])
def test_what_stands_twice_is_not_there(part: str) -> None:
    """We would take one of the two, and the worker perhaps the other."""
    twice: dict[str, Any] = {
        "query": "tenant=acme&tenant=evil",
        "headers": (("tenant", "acme"), ("tenant", "evil")),
    }
    asked = call(**{part: twice[part]})
    with pytest.raises(KeyError):
        Expression(f"request.{part}.tenant == 'acme'").holds(ANN, asked)


def test_nobody_has_no_claims_and_no_name() -> None:
    """A caller who is not known cannot be taken for one."""
    assert Expression("caller.id == '' && size(claims) == 0").holds(None, call())
    with pytest.raises(KeyError):
        Expression("claims.tenant == 'acme'").holds(None, call())


@pytest.mark.parametrize(
    "source, complaint",
    [
        ("claims.tenant ==", "this is no CEL: "),
        ("a &&& b", "at character 5"),
        ("claim.tenant == 'x'", "there is no 'claim' here: there are claims, caller, request, now"),
        ("caller.id.lowerAscii() == 'x'", "there is no function 'lowerAscii'"),
        ("system('id') == ''", "there is no function 'system'"),
        ("'" + "x" * 2000 + "' == ''", "at most 2000 characters"),
        ("claims.a.all(x, claims.a.all(y, claims.a.all(z, true)))", "2 loops"),
        ("(" * 900 + "true" + ")" * 900, "this is no CEL"),
        ("", "this is no CEL"),
    ],
)
def test_what_is_no_condition_is_refused_at_the_start(source: str, complaint: str) -> None:
    """With what is wrong, and where."""
    with pytest.raises(ValueError, match=complaint):
        expression.check(source)


def test_a_loop_in_a_text_is_a_text() -> None:
    """And the variable of a loop is nothing that has to be there."""
    assert expression.check("'.all(x, .all(x, .all(x' == caller.id")
    assert expression.check("caller.groups.exists(one, one == 'a') || true")


def nested(depth: int, last: Any = 1) -> Any:
    value = last
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "claims",
    [
        {"a": nested(17)},
        {"a": nested(50_000)},
        {"a": list(range(257))},
        {f"k{number}": [number] for number in range(257)},
        {"a": [[list(range(250))] * 9]},
        {"a": ["x" * 20_000]},
        {"a": {"b": object()}},
    ],
    ids=["deep", "deeper", "long", "wide", "many", "text", "strange"],
)
def test_a_token_that_says_too_much_is_not_judged(claims: dict[str, Any]) -> None:
    """The library falls over what is nested by the thousand, and loops over what is long."""
    with pytest.raises((TooMuch, TypeError, ValueError)):
        Expression("size(claims) > 0").holds(who(claims=claims), call())


def test_the_worst_that_is_allowed_takes_milliseconds() -> None:
    """Two loops inside of each other, over the longest lists."""
    claims = {"a": list(range(256)), "b": list(range(256))}
    one = Expression("claims.a.all(x, claims.b.exists(y, y >= x))")
    started = time.process_time()
    assert one.holds(who(claims=claims), call()) is True
    assert time.process_time() - started < 0.5


def test_what_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where it comes out true."""
    monkeypatch.setattr(expression, "SLOWEST", 0.0)
    with pytest.raises(TimeoutError):
        Expression("true").holds(ANN, call())


@given(
    st.text(max_size=40) | st.text(st.sampled_from("claims.callerid='\"()[]&|!,x 1"), max_size=40)
)
def test_any_text_is_a_condition_or_a_mistake(source: str) -> None:
    """No other error, and nothing worse."""
    try:
        one = Expression(source)
    except ValueError:
        return
    assert one.source == source
    assert repr(one) == f"<Expression {source}>"


def test_a_mistake_in_the_library_is_an_error_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is none that Python's handlers catch, and would take the request's connection with it."""

    class PanicException(BaseException):
        pass

    class Program:
        def execute(self, _: object) -> bool:
            raise PanicException

    one = Expression("true")
    monkeypatch.setattr(one, "_program", Program())
    with pytest.raises(RuntimeError, match="could not be run"):
        one.holds(ANN, call())
