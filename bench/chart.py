# Runs in an environment of its own, so the type checker does not see its libraries.
# mypy: disable-error-code="import-not-found,untyped-decorator,import-untyped"
"""Draws a suite's chart as SVG and PNG. Runs in an environment of its own that has matplotlib.

    python chart.py latest.json SUITE FOLDER

Left: requests a second, by connections. Right: where the CPU time of a request goes.
"""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
# The same text in, the same file out: no date, and names that do not change.
mpl.rcParams["svg.hashsalt"] = "queuegate"
mpl.rcParams["font.size"] = 9

from matplotlib import pyplot as plt  # noqa: E402 - after use()

# The number of connections whose CPU time is drawn.
_BUSY = 64

_COLORS = {"edge": "#2563eb", "worker": "#16a34a", "broker": "#f59e0b"}
_SHADES = ("#bfdbfe", "#60a5fa", "#2563eb", "#1e3a8a", "#0f172a")


def main(source: Path, suite: str, folder: Path) -> None:
    """Draw."""
    result = json.loads(source.read_text())["suites"][suite]
    lines = result["lines"]
    names = list(dict.fromkeys(line["system"] for line in lines))[::-1]
    titles = {line["system"]: line["title"] for line in lines}
    counts = sorted({line["connections"] for line in lines})
    height = 1.6 + 0.55 * len(names)
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, height), sharey=True)
    _throughput(left, lines, names, counts)
    _cpu(right, lines, names, _BUSY if _BUSY in counts else counts[-1])
    left.set_yticks(range(len(names)), [titles[name] for name in names])
    machine = result["machine"]
    figure.suptitle(
        f"{result['what']}\n{machine['processor']}, {machine['cores']} cores; "
        f"medians of {result['rounds']} rounds of {result['seconds']:g} s; {result['commit']}"
    )
    figure.tight_layout()
    figure.savefig(folder / f"{suite}.svg", metadata={"Date": None})
    figure.savefig(folder / f"{suite}.png", dpi=144)


def _throughput(
    axes: plt.Axes, lines: list[dict[str, Any]], names: list[str], counts: list[int]
) -> None:
    thick = 0.8 / len(counts)
    for index, count in enumerate(counts):
        found = {line["system"]: line["rps"] for line in lines if line["connections"] == count}
        places = [place + 0.4 - thick * (index + 0.5) for place in range(len(names))]
        shade = _SHADES[index % len(_SHADES)]
        values = [found.get(name, 0) for name in names]
        axes.barh(
            places,
            values,
            thick,
            color=shade,
            label=f"{count} connection{'' if count == 1 else 's'}",
        )
    axes.set_xlabel("requests/s, more is better")
    axes.legend(loc="lower right", fontsize=8, title="connections")


def _cpu(axes: plt.Axes, lines: list[dict[str, Any]], names: list[str], count: int) -> None:
    found = {line["system"]: line["cpu"] for line in lines if line["connections"] == count}
    begun = [0.0] * len(names)
    for part, color in _COLORS.items():
        values = [found.get(name, {}).get(part) or 0.0 for name in names]
        axes.barh(range(len(names)), values, 0.6, left=begun, color=color, label=part)
        begun = [start + value for start, value in zip(begun, values, strict=True)]
    axes.set_xlabel(f"CPU microseconds a request at {count} connections, less is better")
    axes.legend(loc="lower right", fontsize=8)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
