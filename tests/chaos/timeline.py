"""A picture of a run: what was answered each second, and what trouble there was."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from itertools import accumulate
from typing import Final

import msgspec

from tests.faults.load import Request

_WIDTH, _CHART, _ROW, _LEFT, _TOP = 1100, 260, 16, 150, 40
# What an answer is drawn as, from the bottom up.
_COLOURS: Final = {
    "2xx": "#4c9f70",
    "503": "#e0a030",
    "504": "#d0532f",
    "502": "#8a4fae",
    "hung up": "#a0a8b0",
    "other": "#303840",
    "none": "#ff0044",
}


class Band(msgspec.Struct, frozen=True):
    """A trouble: its name, and its begin and end in seconds of the run."""

    name: str
    begin: float
    end: float


def picture(requests: Sequence[Request], bands: Sequence[Band], began: float, title: str) -> str:
    """Draw an SVG: columns of answers by kind over time, and a row for each kind of trouble.

    ``began`` is the begin of the run on the clock of the requests' times.
    """
    seconds = _by_second(requests, began)
    length = max([*seconds, 1]) + 1
    highest = max((sum(kinds.values()) for kinds in seconds.values()), default=1)
    names = sorted({band.name for band in bands})
    height = _TOP + _CHART + 30 + _ROW * len(names) + 20
    scale = (_WIDTH - _LEFT - 20) / length
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}">',
        "<style>text { font: 11px sans-serif }</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="18">{escape(title)}</text>',
        *_legend(),
        *_bands(bands, names, scale, height),
        *_columns(seconds, scale, _CHART / highest),
        *_axes(length, scale, highest),
        "</svg>",
    ]
    return "\n".join(parts)


def kind_of(request: Request) -> str:
    """Say as what a request is drawn."""
    if request.left:
        return "hung up"
    if not request.status:
        return "none"
    if 200 <= request.status < 300:
        return "2xx"
    name = str(request.status)
    return name if name in _COLOURS else "other"


def _by_second(requests: Sequence[Request], began: float) -> dict[int, Counter[str]]:
    seconds: dict[int, Counter[str]] = {}
    for request in requests:
        second = max(0, int(request.answered - began))
        seconds.setdefault(second, Counter())[kind_of(request)] += 1
    return seconds


def _legend() -> list[str]:
    parts = []
    for place, (name, colour) in enumerate(_COLOURS.items()):
        x = _WIDTH - 80 * (len(_COLOURS) - place)
        parts.append(f'<rect x="{x}" y="9" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="18">{escape(name)}</text>')
    return parts


def _columns(seconds: dict[int, Counter[str]], scale: float, unit: float) -> list[str]:
    parts = []
    for second, kinds in sorted(seconds.items()):
        counts = [kinds[name] for name in _COLOURS]
        for (_, colour), count, top in zip(
            _COLOURS.items(), counts, accumulate(counts), strict=True
        ):
            if count:
                parts.append(
                    f'<rect x="{_LEFT + second * scale:.1f}" y="{_TOP + _CHART - top * unit:.1f}" '
                    f'width="{max(scale - 0.5, 0.5):.1f}" height="{count * unit:.1f}" '
                    f'fill="{colour}"/>'
                )
    return parts


def _bands(bands: Sequence[Band], names: Sequence[str], scale: float, height: int) -> list[str]:
    first = _TOP + _CHART + 30
    end = f'x="{_LEFT - 8}" text-anchor="end"'
    parts = [
        f'<text {end} y="{first + row * _ROW + 11}">{escape(name)}</text>'
        for row, name in enumerate(names)
    ]
    for band in bands:
        x, width = _LEFT + band.begin * scale, max((band.end - band.begin) * scale, 2)
        y = first + names.index(band.name) * _ROW
        place = f'x="{x:.1f}" width="{width:.1f}"'
        parts += [
            f'<rect {place} y="{_TOP}" height="{height - _TOP - 20}" fill="#f8ece6"/>',
            f'<rect {place} y="{y}" height="{_ROW - 3}" fill="#b5543a"/>',
        ]
    return parts


def _axes(length: int, scale: float, highest: int) -> list[str]:
    bottom = _TOP + _CHART
    step = next(step for step in (1, 5, 10, 30, 60, 300, 600, 3600) if length / step <= 20)
    ticks = [
        f'<text x="{_LEFT + second * scale:.1f}" y="{bottom + 16}" text-anchor="middle">'
        f"{second // 60}:{second % 60:02}</text>"
        for second in range(0, length, step)
    ]
    return [
        f'<line x1="{_LEFT}" x2="{_WIDTH - 20}" y1="{bottom}" y2="{bottom}" stroke="#303840"/>',
        f'<text x="{_LEFT - 8}" y="{_TOP + 10}" text-anchor="end">{highest} a second</text>',
        *ticks,
    ]
