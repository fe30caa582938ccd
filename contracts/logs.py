"""The one place that knows loguru: where log lines go, in gateway and workers alike.

Both write the same shape (``logline``), so that one ``grep`` by request id tells a request's whole
story. A line costs about 12 µs: it is rendered once into one field, which is cheaper than loguru's
template. There is no ``enqueue`` (80 µs a line, measured) and no ``diagnose`` (it prints the values
of variables, passwords among them).
"""

import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO

from loguru import logger as _logger

from contracts import logline

if TYPE_CHECKING:
    # loguru declares the class in its stubs only.
    from loguru import Logger as Logger  # noqa: PLC0414 - the form that exports it
    from loguru import Record
else:
    Logger = type(_logger)
    Record = dict

Format = Literal["text", "json"]

# Where the finished line waits for loguru's template, which is then the same for every line and
# compiled once.
_LINE: Final = "_line"
_TEMPLATE: Final = "{extra[" + _LINE + "]}\n"

_LEVELS: Final = {name: _logger.level(name).no for name in ("DEBUG", "INFO", "WARNING", "ERROR")}


class _Style:
    """What ``configure`` said last: loguru itself is one for the whole process."""

    def __init__(self) -> None:
        self.render: logline.Render = logline.text
        self.frame: logline.Frame = logline.text_frame
        self.threshold = _LEVELS["INFO"]
        self.level = "INFO"


_style: Final = _Style()


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
    colors = format == "text" and _wants_colors(stream)
    render = logline.json if format == "json" else logline.colored if colors else logline.text
    threshold = _logger.level(level.upper()).no
    _style.render, _style.threshold, _style.level = render, threshold, level.upper()
    _style.frame = logline.colored_frame if colors else logline.text_frame
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


def _formatter(render: logline.Render) -> Callable[["Record"], str]:
    def format_record(record: "Record") -> str:
        extra: Mapping[str, Any] = record["extra"]
        if _LINE in extra:
            return _TEMPLATE  # lines that were rendered one by one
        fields = {key: value for key, value in extra.items() if key != _LINE}
        moment, level = record["time"].timestamp(), record["level"].name
        line = render(moment, level, record["message"], fields, _traceback(record))
        record["extra"][_LINE] = line
        return _TEMPLATE

    return format_record


def _traceback(record: "Record") -> str:
    error = record["exception"]
    if error is None or error.value is None:
        return ""
    return "".join(traceback.format_exception(error.type, error.value, error.traceback))


class Lines:
    """Many short lines, handed to loguru together: for the line of each request.

    loguru takes 12 to 18 µs a call whatever is in it; one call for all the requests that ended
    within ``within`` seconds costs each of them only its own formatting. A line is late by so much
    at the most, and carries its own time. ``flush`` at the end; a process that is killed loses
    what it had not flushed.

    Made for what ``configure`` last said; for use on an event loop.
    """

    def __init__(self, within: float = 0.05, most: int = 500) -> None:
        self._within = within
        self._most = most
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        # For who writes text: puts time and level before what is told.
        self.frame = _style.frame
        self._threshold = _style.threshold
        self._level = _style.level

    def wants(self, level: str) -> bool:
        """Whether lines of this level are written at all."""
        return _LEVELS[level] >= self._threshold

    def put(self, line: str) -> None:
        """Write one finished line, soon."""
        self._lines.append(line)
        if len(self._lines) >= self._most:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._within, self.flush)

    def flush(self) -> None:
        """Write what is waiting, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            lines, self._lines = self._lines, []
            _logger.bind(**{_LINE: "\n".join(lines)}).log(self._level, "")


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
