from pathlib import Path

import pytest

from bench import wrk

_OUTPUT = """Running 1s test @ http://127.0.0.1:1/echo
  1 threads and 4 connections
RESULT {"requests":%d,"microseconds":1000000,"p50":900,"p99":1900,"connect":%d,"read":0,\
"write":0,"timeout":0,"status":%d}
"""


def test_the_result_is_read() -> None:
    """What the script prints among wrk's own lines is found."""
    told = wrk.parse(_OUTPUT % (500, 0, 0))
    assert (told.requests, told.p99, told.problems) == (500, 1900, ())


def test_errors_are_problems() -> None:
    """Answers that are not 2xx and connections refused are told in words."""
    told = wrk.parse(_OUTPUT % (500, 2, 7))
    assert told.problems == ("2 connections refused", "7 answers that are not 2xx or 3xx")


def test_no_answer_is_a_problem() -> None:
    """A run without one answer measured nothing."""
    assert wrk.parse(_OUTPUT % (0, 0, 0)).problems == ("not one answer",)


def test_a_failed_wrk_is_an_error() -> None:
    """When wrk gives no result, what it said instead is told."""
    with pytest.raises(wrk.WrkError, match="unable to connect"):
        wrk.parse("", "unable to connect to 127.0.0.1:1")


def test_the_load_is_in_the_command() -> None:
    """Connections, whole seconds and the body's file reach wrk."""
    words = wrk.command("http://h/echo", Path("body"), 16, 0.4)
    assert {"-c16", "-d1s"} < set(words)
    assert words[-3:] == ["http://h/echo", "--", "body"]
