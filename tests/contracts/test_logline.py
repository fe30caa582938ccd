"""How a log line looks."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import logline

NOON = 1_795_435_200.25


def test_text_has_time_level_message_and_fields() -> None:
    """A person reads the time in UTC, the level, the sentence, and the fields."""
    line = logline.text(NOON, "INFO", "GET /x 200", {"request_id": "r 1", "ms": 1.5}, "")
    assert line == '2026-11-23T12:00:00.250Z INFO    GET /x 200 request_id="r 1" ms=1.5'


def test_a_traceback_is_told_from_lines_of_the_log() -> None:
    """Lines of a traceback are indented and marked."""
    assert logline.text(NOON, "ERROR", "no", {}, "a\nb\n").splitlines()[1:] == ["  | a", "  | b"]


def test_json_is_one_object_with_stable_keys() -> None:
    """A field that has the name of one of ours gets another name."""
    line = json.loads(logline.json(NOON, "INFO", "hi", {"ts": "mine", "route": "R"}, "trace"))
    assert line["ts"] == "2026-11-23T12:00:00.250Z"
    assert (line["ts_"], line["route"], line["exception"]) == ("mine", "R", "trace")


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("render", [logline.text, logline.colored, logline.json])
def test_nothing_is_not_written(render: logline.Render, value: Any) -> None:
    """A field that holds nothing is left out."""
    assert "code" not in render(NOON, "INFO", "hi", {"code": value}, "")


@given(message=st.text(), value=st.text())
def test_a_client_writes_no_lines_of_its_own(message: str, value: str) -> None:
    """Whatever a client sent, a line stays a line and sends no control characters."""
    for render in (logline.text, logline.json):
        line = render(NOON, "INFO", message, {"path": value}, "")
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in line if render is logline.text)
        assert "\n" not in line


def test_a_colored_line_ends_its_colors() -> None:
    """A warning is yellow, and only its level."""
    line = logline.colored(NOON, "WARNING", "hi", {}, "")
    assert "\x1b[33mWARNING\x1b[0m hi" in line


def test_a_field_that_recurs_is_written_as_any_other() -> None:
    """With a space before it, quoted where it must be, and not at all when it is empty."""
    assert logline.field("route", "GET /x") == ' route="GET /x"'
    assert logline.field("client", "::1") == " client=::1"
    assert logline.field("detail", "") == ""
