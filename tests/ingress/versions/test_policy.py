"""Telling of a version that ends."""

import pytest
from msgspec.structs import replace

from contracts.call import Caller
from contracts.fault import Fault
from ingress.versions.policy import Version
from ingress.versions.sections import VersionSection
from tests.ingress.policies.asked import Asked

SECTION = VersionSection.model_validate(
    {
        "deprecated": "2026-01-31",
        "sunset": "2027-01-31",
        "successor": "2",
        "documentation": "https://d.test/1",
    }
)
SUNSET = 1_801_353_600


def asked(path: str = "/v1/a/v1") -> Asked:
    made = Asked()
    made.call = replace(made.call, path=path, caller=Caller(id="anna"))
    return made


def version(now: float, counted: list[tuple[str, str]], segment: str = "v1") -> Version:
    return Version(
        "1", SECTION, segment=segment, count=lambda *one: counted.append(one), clock=lambda: now
    )


def test_answers_say_when_it_ends() -> None:
    """By RFC 9745, RFC 8594 and links to the page and to the same thing in the next version."""
    flow = asked()
    assert version(SUNSET - 1, []).admit(flow) is None
    assert flow.headers == [
        ("deprecation", "@1769817600"),
        ("sunset", "Sun, 31 Jan 2027 00:00:00 GMT"),
        ("link", '<https://d.test/1>; rel="deprecation"; type="text/html"'),
        ("link", '<https://d.test/1>; rel="sunset"; type="text/html"'),
        ("link", '</v2/a/v1>; rel="successor-version"'),
    ]


def test_after_its_end_it_is_gone() -> None:
    """410, with where to go, in words and for programs; and it is counted."""
    counted: list[tuple[str, str]] = []
    with pytest.raises(Fault) as caught:
        version(SUNSET, counted).admit(asked())
    fault = caught.value
    assert (fault.code, fault.status) == ("gone", 410)
    assert fault.detail == "version 1 was served until 2027-01-31; go to version 2"
    assert fault.extensions == {
        "version": "1",
        "successor": "/v2/a/v1",
        "documentation": "https://d.test/1",
    }
    assert counted == [("1", "anna")]


def test_who_asked_is_counted_when_it_is_known() -> None:
    """On the way back, after authentication."""
    counted: list[tuple[str, str]] = []
    policy, flow = version(0, counted), asked()
    policy.admit(flow)
    assert counted == []
    policy.settle(flow)
    assert counted == [("1", "anna")]


def test_a_version_that_stays_says_nothing() -> None:
    """But by which headers it was told from the others."""
    flow = asked("/a")
    Version("2", VersionSection(), vary="accept").admit(flow)
    assert flow.headers == [("vary", "accept")]
    flow = asked("/a")
    version(0, [], segment="").admit(flow)
    assert not any("successor" in value for _, value in flow.headers)
