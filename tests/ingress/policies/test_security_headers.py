"""Fields that tell a browser to do less with an answer."""

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies import security_headers
from ingress.policies.security_headers import SecurityHeaders
from ingress.protection.sections import SecurityHeadersSection
from tests.ingress.policies.asked import Asked


def policy(**said: object) -> SecurityHeaders:
    settings = SecurityHeadersSection.model_validate(said).model_dump()
    built = security_headers.build({"security_headers": settings})
    assert built is not None
    return built


def settled(one: SecurityHeaders, reply: Reply | None, *, secure: bool = False) -> dict[str, str]:
    asked = Asked()
    asked.secure = secure
    assert one.admit(asked) is None
    asked.reply = reply
    asked.fault = None if reply else Fault("forbidden")
    one.settle(asked)
    return dict(asked.headers)


def test_the_defaults_are_those_of_owasp_for_an_api() -> None:
    """Nothing in an answer runs, is framed, is guessed at, or tells where it came from."""
    assert settled(policy(), Reply()) == {
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
    }


def test_a_refusal_has_them_too() -> None:
    """Whether a policy refused it, or the edge before any was asked."""
    assert settled(policy(), None)["x-content-type-options"] == "nosniff"
    asked = Asked()
    policy().early(asked, ())
    assert ("x-content-type-options", "nosniff") in asked.headers


def test_what_the_worker_says_stays() -> None:
    """Who serves a page knows what it needs; the others are added all the same."""
    page = Reply(headers=(("Content-Security-Policy", "script-src 'self'"),))
    added = settled(policy(), page)
    assert "content-security-policy" not in added
    assert added["x-frame-options"] == "DENY"


def test_an_empty_one_is_left_out() -> None:
    """And others can be added."""
    added = settled(policy(frame_options="", permissions_policy="camera=()"), Reply())
    assert "x-frame-options" not in added
    assert added["permissions-policy"] == "camera=()"


def test_hsts_is_said_by_tls_alone() -> None:
    """RFC 6797: in whole seconds, and for names below this one when told so."""
    name = "strict-transport-security"
    assert settled(policy(), None, secure=True)[name] == "max-age=31536000"
    below = settled(policy(hsts="1m", hsts_subdomains=True), Reply(), secure=True)
    assert below[name] == "max-age=60; includeSubDomains"
    assert name not in settled(policy(), Reply())
    assert name not in settled(policy(hsts="0s"), Reply(), secure=True)


def test_it_is_there_only_where_it_was_asked_for() -> None:
    """Off costs nothing."""
    assert security_headers.build({}) is None
    assert security_headers.build({"security_headers": "off"}) is None
    assert "x-frame-options" in repr(policy())
