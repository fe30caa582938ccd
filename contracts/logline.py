"""How a log line looks: one shape for gateway and workers, as text or as JSON. Pure.

Text is for a person at three in the morning; JSON is for a machine, one object a line with stable
keys. Either way what a client sent cannot end a line or talk to the terminal.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

# Moment (Unix seconds), level, message, fields, traceback ("" for none).
Render = Callable[[float, str, str, Mapping[str, Any], str], str]

_PLAIN: Final = re.compile(r"[^\s\"=\\\x00-\x1f\x7f-\x9f]+")
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_CONTROL_BUT_NEWLINE: Final = {c: text for c, text in _CONTROL.items() if c not in {9, 10}}

_DIM, _OFF = "\x1b[2m", "\x1b[0m"
_COLORS: Final = {"ERROR": "\x1b[31m", "CRITICAL": "\x1b[31;1m", "WARNING": "\x1b[33m"}

_OWN_KEYS: Final = frozenset({"ts", "level", "msg", "exception"})
_ENCODER: Final = msgspec.json.Encoder(enc_hook=str)


# Moment, level, and all that is to be told, in one piece.
Frame = Callable[[float, str, str], str]


def text(moment: float, level: str, message: str, fields: Mapping[str, Any], trace: str) -> str:
    """Write a line of text, without its end."""
    return text_frame(moment, level, _story(message, fields, trace))


def colored(moment: float, level: str, message: str, fields: Mapping[str, Any], trace: str) -> str:
    """Write a line of text for a terminal, without its end."""
    return colored_frame(moment, level, _story(message, fields, trace))


def text_frame(moment: float, level: str, story: str) -> str:
    """Put time and level before a story that is fit for a line."""
    return f"{stamp(moment)} {level:<7} {story}"


def colored_frame(moment: float, level: str, story: str) -> str:
    """Do the same in colours."""
    return f"{_DIM}{stamp(moment)}{_OFF} {_COLORS.get(level, '')}{level:<7}{_OFF} {story}"


def json(moment: float, level: str, message: str, fields: Mapping[str, Any], trace: str) -> str:
    """Write a line of JSON, without its end."""
    document: dict[str, Any] = {
        "ts": stamp(moment),
        "level": level,
        "msg": message,
        # A field of the caller's must not pass for one of ours.
        **{key if key not in _OWN_KEYS else f"{key}_": value for key, value in _said(fields)},
    }
    if trace:
        document["exception"] = trace
    try:
        return _ENCODER.encode(document).decode()
    except (TypeError, ValueError, OverflowError, RecursionError, UnicodeEncodeError):
        # A half surrogate, an integer beyond 64 bits: rather an ugly line than none.
        return msgspec.json.encode({k: ascii(v) for k, v in document.items()}).decode()


def _story(message: str, fields: Mapping[str, Any], trace: str) -> str:
    line = fit(message) + "".join([f" {key}={_value(value)}" for key, value in _said(fields)])
    if trace:
        # Indented, so that a line of the log is told from a line of a traceback.
        quoted = trace.translate(_CONTROL_BUT_NEWLINE).rstrip().replace("\n", "\n  | ")
        line = f"{line}\n  | {quoted}"
    return line


def fit(message: str) -> str:
    """Make a message fit for a line: it cannot end it, nor talk to the terminal."""
    # Nearly all are printable, which is told ten times quicker than translated.
    return message if message.isprintable() else message.translate(_CONTROL)


@lru_cache(maxsize=256)
def field(name: str, value: str) -> str:
    """Write one field with the space before it, or nothing if it is empty: for those that recur."""
    return f" {name}={_value(value)}" if value else ""


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    said = str(value)
    if _PLAIN.fullmatch(said):
        return said
    return msgspec.json.encode(said.translate(_CONTROL)).decode()


def _said(fields: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    # `value is ...` and not `value in ...`: an array's == is no bool.
    return [
        (key, value)
        for key, value in fields.items()
        if value is not None and not (isinstance(value, str) and not value)
    ]


def stamp(moment: float) -> str:
    """Write the time in UTC with milliseconds (RFC 3339)."""
    seconds = int(moment)
    return f"{_second(seconds)}.{int((moment - seconds) * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
