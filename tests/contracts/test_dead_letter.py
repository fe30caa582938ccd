from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import dead_letter
from contracts.brokers.port import Message
from contracts.dead_letter import Death, Letter, buried, counted, read, requeued
from contracts.deadline import now_ms

ASKED = Message(
    body=b"?",
    headers={"x-operation": "shop.add", "x-route": "POST /items", "x-mine": 1, "x-deadline": 5},
    content_type="application/msgpack",
    type="req",
    correlation_id="c-1",
    reply_to="replies",
    message_id="r-1",
    timestamp=9,
    expiration_ms=5,
    priority=3,
)
GARBAGE = Death(reason="invalid_request", detail="no map", queue="shop", at=1_000)


def test_a_letter_is_the_message_with_its_story() -> None:
    """All of a message is kept, but whom to answer and when it expires."""
    kept = buried(ASKED, GARBAGE)
    assert (kept.body, kept.message_id, kept.timestamp, kept.priority) == (b"?", "r-1", 9, 3)
    assert (kept.reply_to, kept.expiration_ms, kept.persistent) == ("", None, True)
    assert kept.headers == {
        **ASKED.headers,
        "x-dead-reason": "invalid_request",
        "x-dead-detail": "no map",
        "x-dead-queue": "shop",
        "x-dead-at": 1_000,
        "x-dead-count": 1,
        "x-dead-history": [
            {"reason": "invalid_request", "detail": "no map", "queue": "shop", "at": 1_000}
        ],
    }


def test_a_letter_can_be_read() -> None:
    """Reading gives back what was written, and what the wire contract's headers tell."""
    letter = read(buried(ASKED, GARBAGE))
    assert (letter.last, letter.count, letter.requeued) == (GARBAGE, 1, 0)
    assert letter.deaths == (GARBAGE,)
    assert (letter.id, letter.operation, letter.route) == ("r-1", "shop.add", "POST /items")


def test_a_letter_sent_again_has_no_old_deadline() -> None:
    """A letter that is sent again waits for ever, or as long as it is told, and is marked."""
    letter = read(buried(ASKED, GARBAGE))
    again = requeued(letter)
    assert "x-deadline" not in again.headers
    assert again.expiration_ms is None
    assert again.headers["x-requeued"] == 1
    assert abs(again.headers["x-requeued-at"] - now_ms()) < 5_000
    assert not any(name in again.headers for name in ("x-dead-reason", "x-dead-queue"))
    bounded = requeued(letter, timeout=60)
    assert 55_000 < bounded.headers["x-deadline"] - now_ms() <= 60_000
    assert bounded.expiration_ms == 60_000


def test_the_history_goes_on_over_a_second_life() -> None:
    """A message that was sent again and dies again has both deaths, the last first."""
    second = Death(reason="worker_error", queue="shop", at=2_000)
    letter = read(buried(requeued(read(buried(ASKED, GARBAGE))), second))
    assert letter.deaths == (second, GARBAGE)
    assert (letter.count, letter.requeued) == (2, 1)


def test_the_history_is_bounded_and_the_count_is_not() -> None:
    """The last ten deaths are kept, and how many there were in all."""
    message = ASKED
    for number in range(15):
        message = buried(message, Death(reason="expired", queue="shop", at=number + 1))
    letter = read(message)
    assert [death.at for death in letter.deaths] == list(range(15, 5, -1))
    assert letter.count == 15
    assert (
        len(buried(message, Death(reason="x", detail="y" * 9999)).headers["x-dead-detail"]) == 500
    )


def test_what_rabbitmq_writes_is_read_and_kept() -> None:
    """A letter that a policy of RabbitMQ's made has its reason and queue from ``x-death``."""
    died = datetime(2026, 1, 2, tzinfo=UTC)
    death = {"reason": "expired", "queue": "shop", "time": died, "count": 3, "exchange": ""}
    letter = read(Message(headers={"x-death": [death]}, correlation_id="c-1"))
    assert letter.last == Death(reason="expired", queue="shop", at=round(died.timestamp() * 1000))
    assert (letter.count, letter.id) == (3, "c-1")
    again = requeued(letter)
    assert again.headers["x-death"] == [death]
    assert read(buried(again, GARBAGE)).deaths == (GARBAGE, letter.last)


def test_a_letter_without_a_story() -> None:
    """A message that nobody wrote a reason for is one all the same; its id is a digest."""
    letter = read(Message(body=b"x"))
    assert letter.last == dead_letter.UNKNOWN
    assert letter.id == "2d711642b726"
    assert "x-dead-history" in requeued(letter).headers
    assert read(requeued(letter)).last == dead_letter.UNKNOWN


def test_copies_go_to_one_queue() -> None:
    """RabbitMQ would send a copy with CC or BCC to those queues once more."""
    message = Message(headers={"CC": ["other"], "BCC": ["more"], "x-delivery-count": 4})
    for copy in (buried(message, GARBAGE), requeued(read(message)), counted(message, 1)):
        assert not {"CC", "BCC"} & copy.headers.keys()
    assert "x-delivery-count" not in buried(message, GARBAGE).headers


@pytest.mark.parametrize(
    "headers, redelivered, lost",
    [
        ({}, False, 0),
        ({}, True, 1),
        ({"x-attempts": 2}, False, 2),
        ({"x-attempts": 2}, True, 3),
        ({"x-delivery-count": 4}, True, 4),
        ({"x-attempts": "many"}, True, 1),
    ],
)
def test_lost_workers_are_counted(headers: dict[str, Any], lost: int, *, redelivered: bool) -> None:
    """A quorum queue counts deliveries; for a classic one the message carries the number."""
    assert dead_letter.attempts(Message(headers=headers), redelivered=redelivered) == lost


def test_counting_changes_nothing_else() -> None:
    """The number of lost workers is all that is changed in a message that is run again."""
    assert counted(ASKED, 2).headers == {**ASKED.headers, "x-attempts": 2}
    assert counted(ASKED, 2).reply_to == "replies"


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
_NAMES = st.sampled_from([*dead_letter.HEADERS, "x-death", "x-operation"])
_RECORDS = st.lists(st.dictionaries(st.sampled_from(["reason", "queue", "at", "time"]), _VALUES))


@given(st.dictionaries(_NAMES, _VALUES | _RECORDS))
def test_any_headers_make_a_letter(headers: dict[str, Any]) -> None:
    """Whatever somebody wrote into the headers, it is read, and can be sent again and buried."""
    letter = read(Message(headers=headers))
    assert isinstance(letter, Letter)
    assert read(buried(requeued(letter), GARBAGE)).last == GARBAGE
