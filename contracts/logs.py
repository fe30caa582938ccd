"""The one place that knows loguru: how a log line looks, in gateway and workers alike.

Both write the same shape, so that one ``grep`` by request id tells a request's whole story. Text
is for a person at three in the morning; JSON is for a machine, one object a line with stable keys.

A line costs about 12 µs: our own format is rendered once into one field, which is cheaper than
loguru's template. There is no ``enqueue`` (80 µs a line, measured) and no ``diagnose`` (it prints
the values of variables, passwords among them).
"""

import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO

import msgspec
from loguru import logger as _logger

if TYPE_CHECKING:
    # loguru declares the class in its stubs only.
    from loguru import Logger, Record
else:
    Logger = type(_logger)
    Record = dict

Format = Literal["text", "json"]

# Where the finished line waits for loguru's template, which is then the same for every line and
# compiled once.
_LINE: Final = "_line"
_TEMPLATE: Final = "{extra[" + _LINE + "]}\n"

_PLAIN: Final = re.compile(r"[^\s\"=\\\x00-\x1f\x7f-\x9f]+")
# A client's text must not write lines of its own, nor talk to the terminal.
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_CONTROL_BUT_NEWLINE: Final = {c: text for c, text in _CONTROL.items() if c not in {9, 10}}

_DIM, _OFF = "\x1b[2m", "\x1b[0m"
_COLORS: Final = {"ERROR": "\x1b[31m", "CRITICAL": "\x1b[31;1m", "WARNING": "\x1b[33m"}


def configure(
    *,
    format: Format = "text",  # noqa: A002 - the word of LOG_FORMAT and --log-format
    level: str = "INFO",
    stream: TextIO | None = None,
) -> Logger:
    """Send all log lines of this process to ``stream`` (default: stderr), and give the logger.

    Args:
        format: ``text`` or ``json``. Text is coloured when the stream is a terminal and the
            environment has no ``NO_COLOR`` (no-color.org).
        level: the lowest level written: DEBUG, INFO, WARNING, ERROR, in any case.
        stream: where to.

    What libraries write by the standard ``logging`` comes along, from WARNING up. Calling it again
    replaces what was configured before.

    Raises ``ValueError`` for an unknown format or level.
    """
    stream = sys.stderr if stream is None else stream
    if format not in {"text", "json"}:
        raise ValueError(f"a log format is text or json, not {format!r}")
    if format == "json":
        render = _json_line
    else:
        render = _colored_line if _wants_colors(stream) else _text_line
    threshold = _logger.level(level.upper()).no
    _logger.remove()
    _logger.add(
        stream,
        level=threshold,
        format=_formatter(render),
        colorize=False,
        backtrace=False,
        diagnose=False,
    )
    _intercept()
    return _logger


def bind(**fields: Any) -> Logger:  # noqa: ANN401 - a field is whatever can be shown
    """Give a logger whose lines all carry ``fields``; ``None`` and ``""`` are left out."""
    return _logger.bind(**fields)


def _formatter(render: Callable[["Record"], str]) -> Callable[["Record"], str]:
    def format_record(record: "Record") -> str:
        record["extra"][_LINE] = render(record)
        return _TEMPLATE

    return format_record


def _text_line(record: "Record") -> str:
    return f"{_stamp(record)} {record['level'].name:<7} {_story(record)}"


def _colored_line(record: "Record") -> str:
    name = record["level"].name
    return f"{_DIM}{_stamp(record)}{_OFF} {_COLORS.get(name, '')}{name:<7}{_OFF} {_story(record)}"


def _story(record: "Record") -> str:
    """Write the message, the fields and the traceback."""
    parts = [record["message"].translate(_CONTROL)]
    parts += [f"{key}={_value(value)}" for key, value in _fields(record)]
    line = " ".join(parts)
    trace = _traceback(record)
    if trace:
        # Indented, so that a line of the log is told from a line of a traceback.
        quoted = trace.translate(_CONTROL_BUT_NEWLINE).rstrip().replace("\n", "\n  | ")
        line = f"{line}\n  | {quoted}"
    return line


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    if _PLAIN.fullmatch(text):
        return text
    return msgspec.json.encode(text.translate(_CONTROL)).decode()


def _json_line(record: "Record") -> str:
    document: dict[str, Any] = {
        "ts": _stamp(record),
        "level": record["level"].name,
        "msg": record["message"],
        # A field of the caller's must not pass for one of ours.
        **{key if key not in _OWN_KEYS else f"{key}_": value for key, value in _fields(record)},
    }
    trace = _traceback(record)
    if trace:
        document["exception"] = trace
    try:
        return _ENCODER.encode(document).decode()
    except (TypeError, ValueError, OverflowError, RecursionError, UnicodeEncodeError):
        # A half surrogate, an integer beyond 64 bits: rather an ugly line than none.
        return msgspec.json.encode({k: ascii(v) for k, v in document.items()}).decode()


_OWN_KEYS: Final = frozenset({"ts", "level", "msg", "exception"})
_ENCODER: Final = msgspec.json.Encoder(enc_hook=str)


def _fields(record: "Record") -> list[tuple[str, Any]]:
    extra: Mapping[str, Any] = record["extra"]
    # `value is ...` and not `value in ...`: an array's == is no bool.
    return [
        (key, value)
        for key, value in extra.items()
        if value is not None and not (isinstance(value, str) and not value) and key != _LINE
    ]


def _traceback(record: "Record") -> str:
    error = record["exception"]
    if error is None or error.value is None:
        return ""
    return "".join(traceback.format_exception(error.type, error.value, error.traceback))


def _stamp(record: "Record") -> str:
    """Write the time in UTC with milliseconds (RFC 3339)."""
    moment = record["time"].timestamp()
    seconds = int(moment)
    return f"{_second(seconds)}.{int((moment - seconds) * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def _wants_colors(stream: TextIO) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ


class InterceptHandler(logging.Handler):
    """Hands the lines of standard ``logging`` (aio_pika, sanic, yours) to the one log.

    ``configure`` puts it on the root logger; it is public for a library that insists on handlers
    of its own.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = _logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        line = _logger.bind(logger=record.name).opt(exception=record.exc_info)
        # Not as the format: the text may hold braces.
        line.log(level, "{}", record.getMessage())


def _intercept() -> None:
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, InterceptHandler):
            root.removeHandler(handler)
    root.addHandler(InterceptHandler(level=logging.WARNING))
