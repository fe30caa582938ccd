"""Two answers side by side, line by line."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Final

import msgspec

from ingress.compare.answer import Answer
from ingress.compare.answers import NOT_JSON, parsed
from ingress.compare.rules import IGNORED_HEADERS
from ingress.preview import harmless

# Lines of an answer that are shown; difflib's time grows with their square.
_MOST: Final = 400
# Equal lines that are shown around a difference.
_AROUND: Final = 3
_WIDE: Final = 400


def sides(left: Answer, right: Answer) -> str:
    """Write a table with the lines of both; those that differ are marked."""
    mine, other = lines(left), lines(right)
    rows = "".join(_rows(mine, other))
    return f'<table class="sides"><tbody>{rows}</tbody></table>'


def lines(answer: Answer) -> list[str]:
    """Write an answer as lines: its status, its headers by name, its body with JSON laid out."""
    if not answer.status:
        return [answer.error or "no answer"]
    found = [f"HTTP {answer.status} {answer.code}".strip()]
    for name, values in sorted(answer.values().items()):
        if name not in IGNORED_HEADERS:
            found += [f"{name}: {value}" for value in values]
    if answer.body:
        found += ["", *_body(answer)]
    return [_shortened(harmless(line)) for line in found[:_MOST]]


def _body(answer: Answer) -> Iterator[str]:
    value = parsed(answer)
    if value is not NOT_JSON:
        # Sorted, so that the order of members, which means nothing, is no difference to see.
        text = msgspec.json.format(msgspec.json.encode(value, order="deterministic")).decode()
        yield from text.split("\n")
    else:
        try:
            yield from answer.body.decode().split("\n")
        except UnicodeDecodeError:
            yield f"{len(answer.body)} bytes: {answer.body[:64].hex(' ')}"
    if answer.cut:
        yield "… (cut here)"


def _shortened(line: str) -> str:
    return line if len(line) <= _WIDE else line[: _WIDE - 1] + "…"


def _rows(mine: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    found = SequenceMatcher(None, mine, other, autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(found):
        if tag == "equal":
            first, last = number == 0, number == len(found) - 1
            yield from _equal(mine[a:b], first=first, last=last)
            continue
        for at in range(max(b - a, d - c)):
            left = mine[a + at] if a + at < b else None
            right = other[c + at] if c + at < d else None
            yield _row(left, right, marked=True)


def _equal(same: Sequence[str], *, first: bool, last: bool) -> Iterator[str]:
    """Show the beginning and the end of what is the same, next to what is not."""
    head = 0 if first else _AROUND
    tail = 0 if last else _AROUND
    if len(same) <= head + tail + 1:
        yield from _plain(same)
        return
    yield from _plain(same[:head])
    many = len(same) - head - tail
    yield f'<tr class="more"><td colspan="2">{many} lines are the same</td></tr>'
    yield from _plain(same[len(same) - tail :])


def _plain(same: Iterable[str]) -> Iterator[str]:
    return (_row(line, line, marked=False) for line in same)


def _row(left: str | None, right: str | None, *, marked: bool) -> str:
    cells = []
    for name, line in (("left", left), ("right", right)):
        kind = "none" if line is None else name if marked else ""
        cells.append(f'<td class="{kind}">{escape(line or "")}</td>')
    return f"<tr>{''.join(cells)}</tr>"
