"""The options of ``queuegate replay`` that are not about which records are meant."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ingress.cli.dlq_options import duration

_SOURCE: Final = "From where"
_TARGET: Final = "Where to"
_PACE: Final = "How fast"
_SAFETY: Final = "What may be sent"
_COMPARE: Final = "Comparing"

REASONS: Final = ("metadata", "cut", "redacted")


def _rate(text: str) -> float:
    from ingress.replay import pace  # noqa: PLC0415 - late, so that --help is quick

    try:
        return pace.rate(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _one_of(words: tuple[str, ...]) -> Callable[[str], list[str]]:
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


def _say(name: str, text: str, panel: str, **more: Any) -> Any:  # noqa: ANN401 - typer's
    return typer.Option(name, help=text, rich_help_panel=panel, **more)


From = Annotated[
    str,
    _say("--from", "The journal of the route file, or a HAR file.", _SOURCE, metavar="FILE"),
]
DeadLetters = Annotated[
    str, _say("--dlq", "Dead letters of this queue instead.", _SOURCE, metavar="QUEUE")
]
Limit = Annotated[int | None, _say("--limit", "At most so many, the oldest.", _SOURCE, min=1)]

To = Annotated[str, _say("--to", "A gateway, or any URL.", _TARGET, metavar="URL")]
Direct = Annotated[
    bool, _say("--direct", "Straight to the queues of the route file, past the gateway.", _TARGET)
]
Queue = Annotated[
    str, _say("--queue", "Straight to this queue, of a new version.", _TARGET, metavar="QUEUE")
]
Exchange = Annotated[str, _say("--exchange", "Straight to this exchange.", _TARGET)]
RoutingKey = Annotated[
    str, _say("--routing-key", "With --exchange; else the operation's name.", _TARGET)
]
Timeout = Annotated[
    float | None,
    _say(
        "--timeout",
        "For each call; else that of its route, or 30s.",
        _TARGET,
        parser=duration,
        metavar="TIME",
    ),
]

Speed = Annotated[
    float | None,
    _say("--speed", "As they came, so many times as fast; 1 is as it was.", _PACE, min=0.001),
]
Rate = Annotated[
    float | None, _say("--rate", "Evenly: 100/s, 30/m.", _PACE, parser=_rate, metavar="RATE")
]
Concurrency = Annotated[
    int, _say("--concurrency", "So many at one time.", _PACE, min=1, max=10_000)
]
Key = Annotated[
    str,
    _say(
        "--key",
        "Keep the order of calls with the same caller, path.NAME, query.NAME, header:NAME, or"
        " JMESPath of the body.",
        _PACE,
        autocompletion=_one_of(("caller", "path.", "query.", "header:")),
    ),
]

Unsafe = Annotated[
    bool,
    _say("--unsafe", "Send also what changes something and has no idempotency key.", _SAFETY),
]
Allow = Annotated[
    list[str] | None,
    _say(
        "--allow",
        "Send also what was not recorded whole: metadata, cut, redacted. May be repeated.",
        _SAFETY,
        metavar="REASON",
        autocompletion=_one_of(REASONS),
    ),
]
SetHeader = Annotated[
    list[str] | None,
    _say(
        "--set-header",
        "A header for every call, such as credentials that were not recorded: 'authorization:"
        " Bearer ${TOKEN}' is filled in from the environment, @FILE has one a line.",
        _SAFETY,
        metavar="HEADER",
    ),
]
Again = Annotated[
    bool, _say("--again", "Send also what was sent to the same target before.", _SAFETY)
]
Skip = Annotated[
    bool, _say("--skip-replayed", "Leave out what was sent to the same target before.", _SAFETY)
]
RetryUnknown = Annotated[
    bool,
    _say("--retry-unknown", "Send again what was begun, and may have run.", _SAFETY),
]

Name = Annotated[str, typer.Option("--name", help="What the run is called; else by the time.")]
RunsFile = Annotated[
    Path | None,
    typer.Option(
        "--runs",
        envvar="QUEUEGATE_RUNS",
        dir_okay=False,
        help="The file that remembers runs; else replays.db beside the journal.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")]

Compare = Annotated[
    bool, _say("--compare", "Compare the answers with those that were recorded.", _COMPARE)
]
Ignore = Annotated[
    list[str] | None,
    _say("--ignore", "Leave this path of JSON bodies alone: $..updated_at.", _COMPARE),
]
IgnoreHeader = Annotated[
    list[str] | None, _say("--ignore-header", "Leave this header alone.", _COMPARE)
]
Unordered = Annotated[
    list[str] | None,
    _say("--unordered", "The order of this list means nothing: $.items.", _COMPARE),
]
Tolerance = Annotated[
    list[str] | None,
    _say("--tolerance", "How far numbers may be apart: 0.01, 1%, $.price=0.01.", _COMPARE),
]
Html = Annotated[
    Path | None,
    _say("--html", "Write the comparison into this file, as a page.", _COMPARE, dir_okay=False),
]


def source(from_: str, letters: str) -> str:
    """Name the source that the options mean, as it is kept with the run; exits with 2 for two."""
    if letters and from_ != "journal":
        raise typer.BadParameter("a file and dead letters exclude each other", param_hint="--dlq")
    if letters:
        return f"dlq:{letters}"
    return from_ if from_ == "journal" else str(Path(from_).absolute())


def allowed(reasons: list[str] | None, *, unsafe: bool) -> tuple[str, ...]:
    """Give the reasons that are let pass; exits with 2 for one that there is not."""
    for reason in reasons or ():
        if reason not in REASONS:
            known = ", ".join(REASONS)
            raise typer.BadParameter(f"{reason!r} is none of {known}", param_hint="--allow")
    return (*dict.fromkeys(reasons or ()), *(["unsafe"] if unsafe else []))


def run_name(name: str) -> str:
    """Check a run's name; exits with 2 for one that cannot stand in a header."""
    if name and not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
        raise typer.BadParameter("a name has letters, digits, . _ and -", param_hint="--name")
    return name


def latency(text: str) -> float:
    """Read a latency in seconds; exits with 2."""
    try:
        return duration(text)
    except typer.BadParameter as error:
        raise typer.BadParameter(f"{error}; or `recorded`", param_hint="--latency") from None
