"""Measures queuegate and its peers: ``python -m bench [SUITE]``, or ``make bench SUITE=...``.

Installs what it needs into folders of its own, starts a RabbitMQ, measures, prints a table and
writes bench/out/latest.json with a chart. ``python -m bench report`` writes docs/performance.md
from it. Exit codes: 0; 1 when nothing could be measured, or with --check something is not reached.
"""

import argparse
import resource
import sys
from pathlib import Path

import msgspec

from bench import install, overload, proc, report, scaling, slow_clients
from bench.places import OUT
from bench.progress import Progress
from bench.runner import Wish, run
from bench.suites import SUITES
from bench.table import render


def main() -> int:
    """Parse the command line and do it."""
    own = {"scaling": scaling.main, "overload": overload.main, "slow": slow_clients.main}.get(
        (sys.argv[1:] or [""])[0]
    )
    if own is not None:
        return own(sys.argv[2:])
    options = _parser().parse_args()
    if options.suite == "report":
        return report.write(options.out)
    return _measure(options)


def _measure(options: argparse.Namespace) -> int:
    if not proc.available():
        print(
            "the benchmark reads CPU times from Linux's /proc, which is not here", file=sys.stderr
        )
        return 1
    # Ten thousand connections need as many files, here and in what is started from here.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wish = Wish(
        suite=options.suite,
        rounds=options.rounds,
        seconds=options.seconds,
        only=tuple(options.only),
        connections=tuple(options.connections),
        out=options.out,
        chart=options.chart,
    )
    try:
        result = run(wish, Progress())
    except (install.MissingError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(msgspec.json.encode(result).decode() if options.json else render(result))
    if options.check and not all(one.met for one in result.checks):
        return 1
    return 0 if result.lines else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "suite",
        nargs="?",
        default="peers",
        choices=[*SUITES, "scaling", "overload", "slow", "report"],
        help="default: peers",
    )
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--seconds", type=float, help="how long each load lasts")
    parser.add_argument(
        "--only",
        type=_names,
        default=[],
        help="these systems alone, separated by commas; writes partial.json",
    )
    parser.add_argument(
        "--connections", type=_numbers, default=[], help="numbers, separated by commas"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--check", action="store_true", help="exit 1 when a goal is not reached")
    parser.add_argument("--no-chart", dest="chart", action="store_false", help="draw nothing")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of latest.json and charts")
    return parser


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    return [int(name) for name in _names(text)]


if __name__ == "__main__":
    sys.exit(main())
