"""The whole page: figures, findings with their examples, noise, latency."""

from collections.abc import Iterable, Iterator
from html import escape

from ingress.compare.page.plot import plot, write
from ingress.compare.page.sides import sides
from ingress.compare.page.style import CSS
from ingress.compare.report import Example, Finding, Report

# Whatever stands in an answer, a browser runs nothing and asks nobody.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# Findings on the page: beyond, nobody reads on, and the file must stay one that opens.
_SHOWN = 100


def page(report: Report) -> str:
    """Write a report as HTML, in one file."""
    body = "\n".join(_parts(report))
    title = f"{report.left} and {report.right}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head>\n<body>{body}</body></html>\n"
    )


def _parts(report: Report) -> Iterator[str]:
    many = len(report.findings)
    yield f"<h1>{_heading(many)}</h1>"
    yield (
        f'<p class="sub"><span class="key left"></span>{escape(report.left)} &nbsp; '
        f'<span class="key right"></span>{escape(report.right)}</p>'
    )
    yield f'<div class="cards">{"".join(_cards(report))}</div>'
    yield "<h2>Findings</h2>"
    if not many:
        yield '<div class="well">Every answer is the same, noise left aside.</div>'
    for number, finding in enumerate(report.findings[:_SHOWN]):
        yield _finding(finding, is_open=number == 0)
    if many > _SHOWN:
        yield f'<p class="sub">{many - _SHOWN} more findings are not shown: --json has them.</p>'
    if report.beyond:
        yield f'<p class="sub">{report.beyond} more differences were not told apart.</p>'
    yield "<h2>Latency</h2>"
    yield from _latency(report)
    if report.noise:
        yield "<h2>Noise</h2>"
        yield '<p class="sub">Here the old version differs from itself about as often.</p>'
        for finding in report.noise[:_SHOWN]:
            yield _finding(finding, is_open=False)
    yield "<footer>queuegate replay compare</footer>"


def _heading(many: int) -> str:
    return "No findings" if not many else f"{many} finding{'s' if many > 1 else ''}"


def _cards(report: Report) -> Iterator[str]:
    yield _card(report.pairs, "answers compared")
    yield _card(report.same, "the same", "good")
    yield _card(report.different, "different", "bad" if report.different else "good")
    yield _card(len(report.noise), "places with noise")
    if report.unmatched:
        yield _card(report.unmatched, "without a partner", "bad")


def _card(number: int, what: str, kind: str = "") -> str:
    return f'<div class="card {kind}"><b>{number:,}</b><span>{what}</span></div>'


def _finding(finding: Finding, *, is_open: bool) -> str:
    share = finding.count / (finding.total or 1)
    noise = f", noise {finding.noise:,}" if finding.noise else ""
    examples = "".join(_examples(finding.examples, is_open=is_open))
    return (
        f'<details class="finding"{" open" if is_open else ""}><summary>'
        f'<span class="path">{escape(finding.path)}</span>'
        f'<span class="kind">{escape(finding.kind)}</span>'
        f'<span class="route">{escape(finding.route)}</span>'
        f'<span class="count">{finding.count:,} of {finding.total:,} '
        f"({share:.2%}{noise})</span></summary>{examples}</details>"
    )


def _examples(examples: Iterable[Example], *, is_open: bool) -> Iterator[str]:
    for number, one in enumerate(examples):
        whole = " open" if is_open and not number else ""
        yield (
            f'<div class="example"><p><code>{escape(one.what)}</code> &nbsp; '
            f"<code>{escape(one.id)}</code></p>"
            f'<div class="pair"><div class="l">{_value(one.left)}</div>'
            f'<div class="r">{_value(one.right)}</div></div>'
            f'<details class="whole"{whole}><summary>both answers, side by side</summary>'
            f"{sides(one.before, one.after)}</details></div>"
        )


def _value(text: str) -> str:
    return escape(text) or "<i>nothing</i>"


def _latency(report: Report) -> Iterator[str]:
    yield (
        f'<div class="legend"><span><span class="key left"></span>{escape(report.left)}</span>'
        f'<span><span class="key right"></span>{escape(report.right)}</span>'
        "<span>share of answers by duration; dots are p50, p95 and p99</span></div>"
    )
    yield plot(report.buckets, report.latency)
    heads = "".join(f"<th>{name}</th>" for name in ("answers", "p50", "p95", "p99", "longest"))
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{one.count:,}</td><td>{write(one.p50)}</td>"
        f"<td>{write(one.p95)}</td><td>{write(one.p99)}</td><td>{write(one.longest)}</td></tr>"
        for name, one in zip((report.left, report.right), report.latency, strict=True)
    )
    yield f'<table class="figures"><tr><th></th>{heads}</tr>{rows}</table>'
