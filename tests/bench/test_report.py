from pathlib import Path

from bench import book, report
from bench.hops import Floor
from bench.record import Book, Check, Result, Spread
from bench.summary import lines
from tests.bench.figures import row, suite


def _result(name: str = "peers") -> Result:
    rows = [
        row("ours", rps=1234.0),
        row("peer", rps=617.0),
        row("peer", 2, problems=("1 timeouts",)),
    ]
    met = Check(what="speed", wanted="at least 1.2", measured=Spread(2, 2, 2), met=True)
    return Result(
        suite=name,
        what="an echo",
        baseline="ours",
        began="2026-01-01T00:00:00+00:00",
        took=1.0,
        commit="abc",
        machine=dict.fromkeys(("processor", "cores", "memory", "system", "load_before"), "x"),
        versions={"python": "3.11"},
        rounds=2,
        seconds=1.0,
        rows=rows,
        lines=lines(suite("ours", "peer"), rows),
        checks=[met],
    )


def test_figures_goals_and_origin_are_in_the_page() -> None:
    """The page shows the figures, the ratio, the goals, and what they were measured on."""
    page = report.render(Book(suites={"peers": _result()}), chart=False)
    for text in ("| Ours | 64 | 1,234 |", "2.00 (2.00 to 2.00)", "| speed | at least 1.2 |", "abc"):
        assert text in page
    assert "1 of 3 measurements were invalid" in page


def test_what_no_gateway_is_faster_than_stands_beside_the_peers() -> None:
    """With the figures of the hops, when they were measured; without them not a word of it."""
    book_ = Book(suites={"peers": _result()})
    page = report.render(book_, chart=False, floor=Floor(echo=0.08, crossing=0.11))
    assert "**0.300 ms is what no" in page
    assert "One call at a time" not in report.render(book_, chart=False)


def test_what_was_not_measured_is_said() -> None:
    """A page without results holds no figure and says which command measures."""
    page = report.render(Book(), chart=False)
    assert page.count("Not measured yet") == 8
    assert "`make bench SUITE=policies`" in page


def test_a_run_replaces_its_own_suite_alone(tmp_path: Path) -> None:
    """The latest results of the other suites stay in the file."""
    file = tmp_path / "out" / "latest.json"
    for name in ("peers", "routes", "peers"):
        book.write(file, _result(name))
    assert list(book.read(file).suites) == ["peers", "routes"]


def test_a_file_of_another_format_is_no_error(tmp_path: Path) -> None:
    """What an older benchmark left is put aside, not half understood."""
    file = tmp_path / "latest.json"
    file.write_text('{"format": 0, "suites": {}}')
    assert book.read(file).suites == {}
