"""Which version a request asks for."""

import time

import pytest

from ingress.routing.asked import Sketch
from ingress.versions.asking import Asking, check

ASKING = Asking(("header:x-v", "query:v", "media_type"), "2", ("1", "2"))


@pytest.mark.parametrize(
    "fields, query, version",
    [
        ([], "", "2"),
        ([("x-v", "1")], "v=3", "1"),
        ([], "a=b&v=3", "3"),
        ([("accept", "text/html, application/json; version=1;q=0.9")], "", "1"),
        ([("accept", 'application/json;Version="1"')], "", "1"),
        ([("accept", "application/vnd.shop.v1+json")], "", "1"),
        ([("accept", "application/vnd.shop.orders-v2.1+json;q=1")], "", "2.1"),
        ([("accept", "*/*"), ("content-type", "application/vnd.a.v7")], "", "7"),
        ([("accept", "application/vnd.ms-excel, application/vnd.3gpp.pic")], "", "2"),
        ([("accept", "text/html,application/signed-exchange;v=b3;q=0.7")], "", "2"),
    ],
)
def test_the_first_source_that_says_one_counts(
    fields: list[tuple[str, str]], query: str, version: str
) -> None:
    """Header, query, then media type; what a browser sends by itself asks for none."""
    assert ASKING.reader()(Sketch(tuple(fields), query)) == version


@pytest.mark.parametrize(
    "said", ["/vnd." + "v1" * 8000 + "@", ";version" * 2000, "a" * 16_000, "/vnd..v" * 2300]
)
def test_no_header_makes_it_slow(said: str) -> None:
    """Sixteen kilobytes of anything are read in a moment."""
    read = ASKING.reader()
    begun = time.process_time()
    read(Sketch((("accept", said),), ""))
    assert time.process_time() - begun < 0.1


def test_a_refusal_names_what_there_is() -> None:
    """In words and for programs."""
    fault = ASKING.refusal("9")
    assert fault is not None
    assert (fault.status, fault.extensions) == (400, {"versions": ["1", "2"]})
    assert ASKING.refusal("1") is None
    none = Asking(("query:v",), "", ("1",)).refusal("")
    assert none is not None
    assert none.detail == "say which version is meant; known are 1"


def test_caches_are_told_the_headers_that_decide() -> None:
    """The query is part of what they go by anyway."""
    assert ASKING.vary == "x-v, accept"


@pytest.mark.parametrize("text", ["", "path", "header:", "header:X-V", "cookie:v"])
def test_what_is_no_source_is_refused(text: str) -> None:
    """With a sentence that says what is one."""
    with pytest.raises(ValueError, match="a version is asked for by"):
        check(text)
