import io
from pathlib import Path

import pytest
import typer
from rich.console import Console

from ingress.cli import compared
from ingress.compare.answer import Answer, Pair
from ingress.compare.report import Comparison, Report
from ingress.compare.rules import Rules


def report(count: int, *, noise: bool = False) -> Report:
    """Compare answers that differ in ``count`` places."""
    comparison = Comparison(Rules(), left="old", right="new")
    left, right = (
        Answer(status=200, body=b"{%s}" % b",".join(b'"k%d":%d' % (n, v) for n in range(count)))
        for v in (1, 2)
    )
    pair = Pair(id="r-\x1b1", route="GET /a", what="GET /a", left=left, right=right)
    comparison.add(pair)
    if noise:
        comparison.add_noise(pair)
    return comparison.report()


def text(one: Report) -> str:
    out = io.StringIO()
    compared.told(Console(file=out, width=300, soft_wrap=True), one)
    return out.getvalue()


def test_findings_are_a_table() -> None:
    """Each finding has count, place, both values and an example; nothing talks to the terminal."""
    told = text(report(1))
    assert told.startswith("1 finding in 1 pairs: 0 the same, 1 different")
    assert "$.k0" in told
    assert "\x1b" not in told
    assert "old: p50" in told


def test_many_findings_are_cut() -> None:
    """A terminal gets the first fifty and is told where the others are."""
    assert "and 10 more: --json or --html" in text(report(60))


def test_noise_is_named() -> None:
    """What was left out as noise is told by its places."""
    told = text(report(1, noise=True))
    assert told.startswith("no findings")
    assert "noise left out: GET /a $.k0" in told


def test_differences_are_exit_code_one() -> None:
    """A script learns by the exit code whether there are findings, or answers without a partner."""
    assert compared.exit_code(report(0)) == 0
    assert compared.exit_code(report(1)) == 1
    comparison = Comparison(Rules())
    comparison.unmatched = 1
    assert compared.exit_code(comparison.report()) == 1


def test_a_page_is_written_where_it_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is written and named on stderr; without a name nothing is."""
    compared.write_page(report(1), tmp_path / "a.html")
    assert "1 finding" in (tmp_path / "a.html").read_text()
    assert "a.html" in capsys.readouterr().err
    compared.write_page(report(1), None)


def test_rules_that_are_none_are_bad_usage() -> None:
    """A path or a tolerance that cannot be read is exit code 2."""
    for words in ((["$."], None), (None, ["x"])):
        with pytest.raises(typer.BadParameter):
            compared.rules_of(words[0], None, None, words[1])
