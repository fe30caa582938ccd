"""Under what an answer is stored."""

from contracts.call import Call
from ingress.auth.credentials import Credentials
from ingress.auth.identity import Identity
from ingress.cache import asked
from ingress.cache.key import Choice, where

ANNA = Identity(id="anna", scheme="key")

ROUTE = "GET /a"


def part(choice: Choice, query: str = "", identity: Identity | None = None, **said: str) -> str:
    headers = tuple((name.replace("_", "-"), value) for name, value in said.items())
    call = Call(
        id="1", operation="a.b", method="GET", path="/a", query=query, headers=headers, route=ROUTE
    )
    return where(choice, call, asked.read(call), identity).part


def test_the_query_is_all_of_it_as_a_rule() -> None:
    """As it was written: order and encoding may mean something to the worker."""
    assert part(Choice(route=ROUTE), "b=1&a=2") == "b=1&a=2"


def test_the_query_may_be_chosen_from() -> None:
    """In the order of names, so that the order of the client's makes no difference."""
    choice = Choice(route=ROUTE, query=("a", "b"))
    assert part(choice, "b=1&utm=x&a=2&a=1") == part(choice, "a=2&a=1&b=1") == "a=2&a=1&b=1"
    assert part(Choice(route=ROUTE, query=()), "a=1") == ""


def test_headers_may_be_in_it() -> None:
    """Normalised as for Vary; a value cannot be mistaken for another header's."""
    choice = Choice(route=ROUTE, headers=("x-a", "x-b"))
    assert part(choice, x_a="1, 2", x_b="") == part(choice, x_a="1,2")
    assert part(choice, x_a="1") != part(choice, x_b="1")


def test_callers_may_be_in_it() -> None:
    """By who they are, else by what they show; nobody shares with nobody else."""
    choice = Choice(route=ROUTE, caller=True)
    parts = {
        part(choice),
        part(choice, identity=ANNA),
        part(choice, identity=Identity(id="anna", scheme="jwt")),
        part(choice, authorization="Basic a"),
        part(choice, authorization="Basic b"),
        part(choice, cookie="a"),
        part(choice, cookie="Basic a"),
    }
    assert len(parts) == 7
    assert "Basic" not in "".join(parts)


def test_a_variant_has_answers_of_its_own() -> None:
    """A variant, and a route that is told from others of its path by what it asks for."""
    assert part(Choice(route=ROUTE), "x=1") == "x=1"
    assert part(Choice(), "x=1") != "x=1"
    assert part(Choice(route="GET /a ~next"), "x=1") != "x=1"


def test_who_shows_credentials_is_noted() -> None:
    """Whether they are Authorization or something else that was checked."""
    for identity, said, wanted in (
        (None, (), False),
        (ANNA, (), True),
        (None, (("authorization", "x"),), True),
    ):
        call = Call(id="1", operation="a.b", method="GET", path="/a", headers=said)
        assert where(Choice(route=ROUTE), call, asked.read(call), identity).authenticated is wanted


def test_what_the_files_own_authenticators_look_at_is_a_credential() -> None:
    """Also where nobody is asked, and where the key is made of other parts of the query."""
    own = Credentials(frozenset({"x-shop"}), frozenset({"k"}))
    for caller in (False, True):
        choice = Choice(query=("a",), caller=caller, route=ROUTE, credentials=own)
        places = []
        for query, said in (("a=1", ()), ("a=1&k=1", ()), ("a=1&%6B=2", ()), ("a=1", ("3",))):
            headers = tuple(("x-shop", value) for value in said)
            ask = Call(
                id="1", operation="a.b", path="/a", query=query, headers=headers, route=ROUTE
            )
            places.append(where(choice, ask, asked.read(ask), None))
        assert [place.authenticated for place in places] == [False, True, True, True]
        assert len({place.part for place in places}) == (4 if caller else 1)
