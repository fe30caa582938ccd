import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from contracts import logs
from tests.harness.waiting import eventually


@pytest.fixture(autouse=True)
def _leave_logging_as_it_was() -> Iterator[None]:
    handlers = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = handlers
    logs.configure()
    logging.getLogger().handlers[:] = handlers


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _fail(text: str) -> None:
    secret = "hunter2"
    raise ValueError(text + str(len(secret)))


def test_a_text_line_has_time_level_message_and_fields() -> None:
    """A text line is the UTC time, the level, the message, then key=value."""
    out = io.StringIO()
    logs.configure(stream=out).bind(request_id="r-1", status=201).info("created")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO    created request_id=r-1 status=201\n",
        out.getvalue(),
    )


def test_a_value_with_spaces_is_quoted_and_an_empty_one_left_out() -> None:
    """A value with spaces is quoted; an empty one is left out."""
    out = io.StringIO()
    logs.configure(stream=out).bind(route="GET /v1/x", caller="", fault=None, took=0.1234567).info(
        "ok"
    )
    assert out.getvalue().endswith(' ok route="GET /v1/x" took=0.123457\n')


def test_a_json_line_has_stable_keys() -> None:
    """A JSON line is one object: ts, level, msg, and the fields as they are."""
    out = io.StringIO()
    logs.configure(format="json", stream=out).bind(request_id="r-1", status=201).info("created")
    line = json.loads(out.getvalue())
    assert list(line) == ["ts", "level", "msg", "request_id", "status"]
    assert (line["level"], line["msg"], line["status"]) == ("INFO", "created", 201)


def test_a_field_cannot_pass_for_one_of_ours() -> None:
    """A field that is called like one of the fixed keys gets an underscore."""
    out = io.StringIO()
    logs.configure(format="json", stream=out).bind(level="fake").warning("real")
    line = json.loads(out.getvalue())
    assert (line["level"], line["level_"]) == ("WARNING", "fake")


def test_what_json_cannot_carry_is_written_as_text() -> None:
    """A value that JSON cannot carry is shown as text instead of losing the line."""
    out = io.StringIO()
    log = logs.configure(format="json", stream=out)
    log.bind(thing=ValueError("odd")).info("one")
    log.bind(thing="\ud800", huge=2**80).info("two")
    one, two = (json.loads(line) for line in out.getvalue().splitlines())
    assert one["thing"] == "odd"
    assert two["msg"] == "'two'"


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_client_cannot_forge_a_line(format_: logs.Format) -> None:
    """Line breaks and escape codes in a message or a value stay inside their line."""
    out = io.StringIO()
    log = logs.configure(format=format_, stream=out)
    log.bind(path="/a\nb\x1b[31m").info("GET {}", "/x\r\n2026 INFO forged\x1b[2J")
    assert len(out.getvalue().splitlines()) == 1
    assert "\x1b" not in out.getvalue()


def test_braces_in_a_field_are_no_template() -> None:
    """Braces in a field or a message without arguments are written as they are."""
    out = io.StringIO()
    logs.configure(stream=out).bind(path="/{id}").info("no {template} here")
    assert "no {template} here path=/{id}\n" in out.getvalue()


def test_an_exception_in_text_follows_indented_without_values() -> None:
    """A traceback follows its line indented, without the values of variables."""
    out = io.StringIO()
    log = logs.configure(stream=out)
    try:
        _fail("broke\x1b[0m ")
    except ValueError:
        log.bind(request_id="r-1").exception("failed")
    first, *rest = out.getvalue().splitlines()
    assert first.endswith("ERROR   failed request_id=r-1")
    assert all(line.startswith("  | ") for line in rest)
    assert rest[-1] == "  | ValueError: broke\\x1b[0m 7"
    assert "hunter2" not in out.getvalue()[out.getvalue().index("ValueError:") :]


def test_an_exception_in_json_is_one_field() -> None:
    """In JSON the traceback is the field ``exception`` of its line."""
    out = io.StringIO()
    log = logs.configure(format="json", stream=out)
    try:
        _fail("broke ")
    except ValueError:
        log.exception("failed")
    line = json.loads(out.getvalue())
    assert line["exception"].startswith("Traceback (most recent call last):")
    assert line["exception"].endswith("ValueError: broke 7\n")


def test_colors_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a terminal gets colours, and none when NO_COLOR is set."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    file, terminal, plain = io.StringIO(), _Terminal(), _Terminal()
    logs.configure(stream=file).error("x")
    logs.configure(stream=terminal).error("x")
    monkeypatch.setenv("NO_COLOR", "1")
    logs.configure(stream=plain).error("x")
    assert "\x1b[31mERROR" in terminal.getvalue()
    assert "\x1b" not in file.getvalue() + plain.getvalue()


def test_the_level_is_a_threshold() -> None:
    """Lines below the level are not written; the level may be in any case."""
    out = io.StringIO()
    log = logs.configure(level="warning", stream=out)
    log.info("quiet")
    log.warning("loud")
    assert "loud" in out.getvalue()
    assert "quiet" not in out.getvalue()


def test_configuring_again_replaces_the_stream() -> None:
    """After a second ``configure`` nothing goes to the first stream, and nothing comes twice."""
    first, second = io.StringIO(), io.StringIO()
    logs.configure(stream=first)
    logs.configure(stream=second).info("hello")
    logging.getLogger("lib").warning("from a library")
    assert first.getvalue() == ""
    assert len(second.getvalue().splitlines()) == 2


def test_standard_logging_comes_along_from_warning_up() -> None:
    """What libraries log by ``logging`` appears under their name, from WARNING up."""
    out = io.StringIO()
    logs.configure(format="json", stream=out)
    logging.getLogger("aio_pika").info("quiet")
    logging.getLogger("aio_pika").warning("lost %s {x}", "it")
    logging.getLogger("aio_pika").log(35, "between")
    lost, between = (json.loads(line) for line in out.getvalue().splitlines())
    assert (lost["msg"], lost["logger"]) == ("lost it {x}", "aio_pika")
    assert between["level"] == "Level 35"


@pytest.mark.parametrize("bad", [{"format": "xml"}, {"level": "LOUD"}])
def test_an_unknown_format_or_level_is_an_error(bad: dict[str, str]) -> None:
    """An unknown format or level raises ``ValueError``."""
    with pytest.raises(ValueError, match=r"xml|LOUD"):
        logs.configure(**bad)  # type: ignore[arg-type]


async def test_lines_are_handed_over_together() -> None:
    """Lines wait a moment, come in order, and the level has a threshold."""
    stream = io.StringIO()
    logs.configure(stream=stream)
    lines = logs.Lines(within=0.01)
    assert [lines.wants(level) for level in ("DEBUG", "INFO", "ERROR")] == [False, True, True]
    lines.put(lines.frame(0.0, "INFO", "one {0} {x}"))
    lines.put("two")
    assert stream.getvalue() == ""
    await eventually(lambda: stream.getvalue().count("\n") == 2)
    assert stream.getvalue() == "1970-01-01T00:00:00.000Z INFO    one {0} {x}\ntwo\n"


async def test_many_lines_do_not_wait() -> None:
    """A full batch is written at once, and a flush writes the rest."""
    stream = io.StringIO()
    logs.configure(stream=stream)
    lines = logs.Lines(within=60, most=2)
    for number in range(3):
        lines.put(str(number))
    assert stream.getvalue().count("\n") == 2
    lines.flush()
    assert stream.getvalue().count("\n") == 3
