"""The latency of both sides as one picture in SVG."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from ingress.compare.latency import GROWTH, Quantiles

Buckets = Sequence[tuple[float, int]]

_WIDTH: Final = 860
_HEIGHT: Final = 240
_LEFT: Final = 8
_TOP: Final = 34
_BOTTOM: Final = 28
# Columns of the picture: finer than the eye needs, coarse enough to be no comb.
_COLUMNS: Final = 64
_SIDES: Final = ("left", "right")


def plot(buckets: tuple[Buckets, Buckets], figures: tuple[Quantiles, Quantiles]) -> str:
    """Draw how many answers took how long, on a logarithmic scale of time; both sides overlaid."""
    seconds = [moment for side in buckets for moment, _ in side]
    if not seconds:
        return ""
    scale = _Scale(min(seconds) / 1.3, max(seconds) * 1.3)
    parts = [*_axis(scale)]
    tallest = 0.0
    shares = [_shares(side, scale) for side in buckets]
    for side in shares:
        tallest = max(tallest, *side)
    for name, side in zip(_SIDES, shares, strict=True):
        parts.append(_area(name, side, tallest))
    for row, (name, one) in enumerate(zip(_SIDES, figures, strict=True)):
        parts += _marks(name, one, scale, row)
    label = "; ".join(
        f"{name}: p50 {write(one.p50)}, p95 {write(one.p95)}, p99 {write(one.p99)}"
        for name, one in zip(_SIDES, figures, strict=True)
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Latency. {label}">'
        f"{''.join(parts)}</svg>"
    )


def write(seconds: float) -> str:
    """Write a duration with three figures: ``850µs``, ``12.3ms``, ``1.25s``."""
    for size, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size:
            return f"{seconds / size:.3g}{unit}" if seconds < size * 1000 else f"{seconds:.0f}s"
    return "0"


class _Scale:
    """Where on the picture a duration stands."""

    def __init__(self, lowest: float, highest: float) -> None:
        self.lowest, self.highest = lowest, highest
        self._span = math.log(highest / lowest)

    def share(self, seconds: float) -> float:
        """Give 0 for the left end and 1 for the right one."""
        return math.log(max(seconds, self.lowest) / self.lowest) / self._span

    def x(self, seconds: float) -> float:
        """Give the place in the picture's units."""
        return _LEFT + self.share(seconds) * (_WIDTH - 2 * _LEFT)

    def ticks(self) -> Iterator[float]:
        """Give 1, 2 and 5 of each power of ten."""
        for power in range(math.floor(math.log10(self.lowest)), 5):
            for step in (1, 2, 5):
                seconds = step * 10.0**power
                if self.lowest <= seconds <= self.highest:
                    yield seconds


def _shares(buckets: Buckets, scale: _Scale) -> list[float]:
    """Give the share of the answers in each column."""
    total = sum(count for _, count in buckets) or 1
    columns = [0.0] * _COLUMNS
    half = math.sqrt(GROWTH)
    for seconds, count in buckets:
        # Over all of the bucket's width: else columns with one bucket more stand out as a comb.
        begin = scale.share(seconds / half) * _COLUMNS
        end = max(scale.share(seconds * half) * _COLUMNS, begin + 1e-9)
        for column in range(int(begin), min(_COLUMNS - 1, int(end)) + 1):
            inside = min(end, column + 1) - max(begin, column)
            columns[column] += count / total * inside / (end - begin)
    return columns


def _area(name: str, shares: Sequence[float], tallest: float) -> str:
    step = (_WIDTH - 2 * _LEFT) / _COLUMNS
    floor = _HEIGHT - _BOTTOM
    points = [f"M{_LEFT},{floor}"]
    for number, share in enumerate(shares):
        y = floor - share / (tallest or 1) * (floor - _TOP)
        x = _LEFT + number * step
        points += [f"L{x:.1f},{y:.1f}", f"L{x + step:.1f},{y:.1f}"]
    points.append(f"L{_WIDTH - _LEFT},{floor}Z")
    return f'<path class="area {name}" d="{" ".join(points)}"/>'


def _axis(scale: _Scale) -> Iterator[str]:
    floor = _HEIGHT - _BOTTOM
    yield f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _LEFT}" y1="{floor}" y2="{floor}"/>'
    before = -math.inf
    for seconds in scale.ticks():
        x = scale.x(seconds)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{floor}"/>'
        if x - before > 56 and x < _WIDTH - 3 * _LEFT:  # noqa: PLR2004 - so that no labels touch
            yield f'<text class="tick" x="{x:.1f}" y="{_HEIGHT - 10}">{write(seconds)}</text>'
            before = x


def _marks(name: str, figures: Quantiles, scale: _Scale, row: int) -> Iterator[str]:
    """Draw the quantiles above the curves, a row a side."""
    y = 11 + row * 13
    if not figures.count:
        return
    ends = scale.x(figures.p50), scale.x(figures.p99)
    yield f'<line class="span {name}" x1="{ends[0]:.1f}" x2="{ends[1]:.1f}" y1="{y}" y2="{y}"/>'
    for label in ("p50", "p95", "p99"):
        seconds = getattr(figures, label)
        yield (
            f'<circle class="mark {name}" cx="{scale.x(seconds):.1f}" cy="{y}" r="4">'
            f"<title>{name} {label}: {write(seconds)}</title></circle>"
        )
