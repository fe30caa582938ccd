"""Reading by web pages of other origins."""

import pytest
from msgspec.structs import replace

from contracts.call import Reply
from ingress.policies import cors
from ingress.protection.sections import CorsSection
from tests.ingress.policies.asked import Asked

APP = "https://app.example"
ALLOW_ORIGIN = "access-control-allow-origin"


def policy(**said: object) -> cors.Cors:
    settings = CorsSection.model_validate({"origins": [APP], **said}).model_dump()
    built = cors.build({"cors": settings})
    assert built is not None
    return built


def answer(one: cors.Cors, method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    """Give the status if it answered by itself, and the fields that it adds."""
    asked = Asked(b"", **headers)
    asked.call = replace(asked.call, method=method)
    reply = one.admit(asked)
    return (reply.status if reply else 0), dict(asked.headers)


def preflight(one: cors.Cors, **headers: str) -> dict[str, str]:
    asks = {"origin": APP, "access_control_request_method": "PUT", **headers}
    status, fields = answer(one, "OPTIONS", **asks)
    assert status == 204
    return fields


def test_an_allowed_origin_is_named() -> None:
    """It alone, and caches are told that others get another answer."""
    assert answer(policy(expose=["x-a", "x-b"]), origin=APP) == (
        0,
        {
            "vary": "origin",
            ALLOW_ORIGIN: APP,
            "access-control-expose-headers": "x-a, x-b",
        },
    )


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", APP.upper(), f"{APP}:8443"])
def test_another_origin_hears_of_nothing(origin: str) -> None:
    """But caches still hear that the answer depends on who asks."""
    assert answer(policy(credentials=True), origin=origin) == (0, {"vary": "origin"})


def test_everybody_is_a_star() -> None:
    """The same to everybody, so nothing to vary by; and never with credentials."""
    assert answer(policy(origins=["*"], expose=[]), origin=APP) == (0, {ALLOW_ORIGIN: "*"})
    assert answer(policy(origins=["*"])) == (0, {})


def test_credentials_are_allowed_where_it_was_asked_for() -> None:
    """To the origin by its name."""
    _, fields = answer(policy(credentials=True), origin=APP)
    assert fields[ALLOW_ORIGIN] == APP
    assert fields["access-control-allow-credentials"] == "true"


def test_a_preflight_is_answered_here() -> None:
    """With the method and the fields that were asked for, and how long that holds."""
    assert preflight(policy(), access_control_request_headers="x-api-key,content-type") == {
        "vary": "origin",
        ALLOW_ORIGIN: APP,
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-api-key,content-type",
        "access-control-max-age": "600",
    }


def test_listed_fields_are_answered_whatever_was_asked_for() -> None:
    """The browser compares."""
    fields = preflight(policy(headers=["x-a", "x-b"]), access_control_request_headers="x-c")
    assert fields["access-control-allow-headers"] == "x-a, x-b"
    assert "access-control-allow-headers" not in preflight(policy(headers=[]))


@pytest.mark.parametrize("wanted", ["a b", "a\x00", "x" * 3000, ",", "é"])
def test_what_is_no_list_of_fields_is_not_repeated(wanted: str) -> None:
    """It would be a way to write into our answer."""
    fields = preflight(policy(), access_control_request_headers=wanted)
    assert "access-control-allow-headers" not in fields


def test_a_preflight_of_another_origin_gets_no_permission() -> None:
    """204 without a word, which a browser takes for a no."""
    assert preflight(policy(), origin="https://evil.example") == {"vary": "origin"}
    assert preflight(policy(), access_control_request_method="P U T") == {"vary": "origin"}


@pytest.mark.parametrize("allowed", [True, False])
def test_a_private_network_is_opened_where_it_was_asked_for(allowed: bool) -> None:  # noqa: FBT001
    """To a browser that asks for it, and only then."""
    one = policy(private_network=allowed)
    name = "access-control-allow-private-network"
    assert (name in preflight(one, access_control_request_private_network="true")) is allowed
    assert name not in preflight(one)


@pytest.mark.parametrize("headers", [{}, {"origin": APP}, {"access_control_request_method": "X"}])
def test_another_options_goes_on(headers: dict[str, str]) -> None:
    """A preflight has an origin and asks for a method."""
    assert answer(policy(), "OPTIONS", **headers)[0] == 0


def test_what_the_worker_says_of_it_is_taken_out() -> None:
    """Two words on who may read would be one too many; what else it says stays."""
    asked = Asked()
    asked.reply = Reply(headers=(("Access-Control-Allow-Origin", "*"), ("x-a", "1")))
    policy().settle(asked)
    assert asked.reply.headers == (("x-a", "1"),)
    asked.reply = None
    policy().settle(asked)
    assert asked.reply is None


def test_it_is_there_only_where_it_was_asked_for() -> None:
    """Off costs nothing."""
    assert cors.build({}) is None
    assert cors.build({"cors": "off"}) is None
    assert repr(policy()) == f"<Cors {APP}>"
