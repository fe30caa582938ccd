"""JSON bodies that are nested too deep, or have too much in them."""

import pytest

from contracts.fault import Fault
from ingress.policies import json_limits
from ingress.protection.sections import JsonLimitsSection
from tests.ingress.policies.asked import Asked


def policy(**limits: int) -> json_limits.LimitJson:
    said = JsonLimitsSection(**limits).model_dump()
    built = json_limits.build({"json_limits": said})
    assert built is not None
    return built


@pytest.mark.parametrize("body", [b"", b"{}", b'{"a":[1,2]}', b"<a/>", b"\x00\xff", b"["])
def test_a_body_within_the_limits_passes(body: bytes) -> None:
    """Whether it is right at all is for others to say."""
    assert policy(depth=2).admit(Asked(body)) is None


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-thing", ""])
def test_a_body_over_a_limit_is_refused_whatever_it_says_that_it_is(kind: str) -> None:
    """Some readers never look at the content type."""
    with pytest.raises(Fault, match="nested deeper than 2") as caught:
        policy(depth=2).admit(Asked(b" [[[]]]", content_type=kind))
    assert (caught.value.code, caught.value.status) == ("invalid_body", 422)


def test_json_that_is_no_utf8_is_refused() -> None:
    """What no limit can be held to must not pass for something else."""
    with pytest.raises(Fault, match="UTF-8"):
        policy().admit(Asked("[[[1]]]".encode("utf-16-be")))


def test_a_compressed_body_is_refused() -> None:
    """What cannot be looked into would be a way around every limit."""
    with pytest.raises(Fault) as caught:
        policy().admit(Asked(b"\x1f\x8b", content_encoding="gzip"))
    assert caught.value.code == "unsupported_media_type"
    assert policy().admit(Asked(b"{}", content_encoding="identity")) is None


def test_it_is_there_only_where_it_was_asked_for() -> None:
    """Off costs nothing."""
    assert json_limits.build({}) is None
    assert json_limits.build({"json_limits": "off"}) is None
    assert "depth=7" in repr(policy(depth=7))
