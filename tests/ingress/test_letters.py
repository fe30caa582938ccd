from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from contracts.brokers.port import Message
from contracts.dead_letter import read
from contracts.deadline import now_ms
from ingress.letters import EVERY, Filter, document, parse_headers
from tests.ingress.graveyard import dead


@pytest.mark.parametrize(
    "wanted, fits",
    [
        ({}, True),
        ({"ids": ("1",)}, True),
        ({"ids": ("2", "3")}, False),
        ({"reason": "worker_error"}, True),
        ({"reason": "worker"}, False),
        ({"operation": "shop.add"}, True),
        ({"operation": "shop.get"}, False),
        ({"route": "POST /items"}, True),
        ({"route": "GET /items"}, False),
        ({"newer": 120.0}, True),
        ({"newer": 30.0}, False),
        ({"older": 30.0}, True),
        ({"older": 120.0}, False),
        ({"newer": 120.0, "older": 30.0, "reason": "expired"}, False),
        ({"headers": (("x-deadline", "5"),)}, True),
        ({"headers": (("x-deadline", "6"),)}, False),
        ({"headers": (("x-mine", ""),)}, False),
    ],
)
def test_a_letter_fits_when_all_fits(wanted: dict[str, Any], *, fits: bool) -> None:
    """A filter means the letters for which everything holds that it asks for."""
    letter = read(dead("1", ago=60))
    assert Filter(**wanted).fits(letter, now_ms()) is fits


def test_a_letter_without_a_time_has_no_age() -> None:
    """A letter that does not know when it died is neither newer nor older than anything."""
    letter = read(Message(body=b"x"))
    assert not Filter(newer=60).fits(letter, now_ms())
    assert not Filter(older=60).fits(letter, now_ms())


def test_a_filter_says_what_it_asks_for() -> None:
    """A filter can be read, in the log and by people; one that asks for nothing is ``all``."""
    wanted = Filter(ids=("1",), reason="expired", newer=900, headers=(("a", "b"),))
    assert str(wanted) == "id=1 reason=expired newer=15m header a=b"
    assert wanted.selects
    assert (str(EVERY), EVERY.selects) == ("all", False)


def test_headers_are_written_with_an_equals_sign() -> None:
    """A header is NAME=VALUE, the value may be empty or have more equals signs."""
    assert parse_headers(["a=b", "c=", "d=e=f"]) == (("a", "b"), ("c", ""), ("d", "e=f"))
    for wrong in ("a", "=b"):
        with pytest.raises(ValueError, match="NAME=VALUE"):
            parse_headers([wrong])


def test_any_letter_can_be_told_as_json() -> None:
    """Whatever stands in the headers, the document is what JSON can carry."""
    odd = {"at": datetime(2026, 1, 1, tzinfo=UTC), "list": [{"b": b"\xff"}], "n": 1.5, "none": None}
    told = document(read(Message(body=b'{"a":1}', headers=odd, content_type="application/json")))
    assert msgspec.json.decode(msgspec.json.encode(told))["headers"]["n"] == 1.5
    assert (told["reason"], told["bytes"], told["body"]) == ("unknown", 7, '{"a":1}')


def test_the_story_is_told_once() -> None:
    """What has a name of its own is not repeated among the headers."""
    told = document(read(dead("1")))
    assert told["headers"] == {"x-deadline": 5}
    assert (told["queue"], told["count"], told["history"][0]["detail"]) == ("shop", 1, "it failed")
