"""Bodies that are too large."""

import pytest

from contracts.fault import Fault
from ingress.policies import size
from tests.ingress.policies.asked import Asked


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(b"x" * 10),
        Asked(content_length="10"),
        Asked(content_length="000010"),
        Asked(content_length="many"),
        Asked(content_length="-1"),
        Asked(content_length="٩٩"),
    ],
)
def test_a_body_up_to_the_limit_passes(asked: Asked) -> None:
    """The limit itself is fine, and a length that is no number is the edge's affair."""
    assert size.Size(10).admit(asked) is None


@pytest.mark.parametrize(
    "asked",
    [
        Asked(b"x" * 11),
        Asked(content_length="11"),
        Asked(content_length="0011"),
        Asked(content_length="9" * 5000),
        Asked(b"x" * 11, content_length="1"),
    ],
)
def test_a_larger_body_is_refused(asked: Asked) -> None:
    """Whether it is there or only declared, with the limit in the problem document."""
    with pytest.raises(Fault) as caught:
        size.Size(10).admit(asked)
    assert (caught.value.code, caught.value.extensions) == ("too_large", {"limit": 10})


def test_a_limit_of_nothing_takes_no_body() -> None:
    """Zero is a limit too."""
    with pytest.raises(Fault, match="at most 0 bytes"):
        size.Size(0).admit(Asked(b"x"))


def test_it_is_there_only_where_a_limit_was_asked_for() -> None:
    """The limit that is built in is the edge's alone."""
    assert size.build({}) is None
    assert repr(size.build({"max_body": 5})) == "<Size 5>"
