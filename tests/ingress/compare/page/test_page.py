import json
from html.parser import HTMLParser

from ingress.compare.answer import Answer, Pair
from ingress.compare.page.page import page
from ingress.compare.report import Comparison
from ingress.compare.rules import Rules

JSON = (("content-type", "application/json"),)
EVIL = "<script>alert(1)</script>"


class Checked(HTMLParser):
    """Gathers the tags of a page, and whether each that was opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def compared(left: object, right: object, count: int = 1) -> Comparison:
    comparison = Comparison(Rules(), left=EVIL, right="v2")
    for number in range(count):
        sides = [
            Answer(status=200, headers=JSON, body=json.dumps(one).encode(), seconds=0.01)
            for one in (left, right)
        ]
        pair = Pair(id=EVIL, route=EVIL, what=EVIL, left=sides[0], right=sides[1])
        comparison.add(pair)
        if number == 0:
            comparison.unmatched = 3
    return comparison


def test_the_page_tells_the_findings() -> None:
    """Figures, findings with path, count and examples, and the latency are on the page."""
    html = page(compared({"total": 1}, {"total": 2}, 1500).report())
    for text in ("1 finding", "$.total", "1,500 of 1,500", "<svg", "without a partner", "p99"):
        assert text in html
    assert Checked(html).open == []


def test_nothing_in_an_answer_becomes_part_of_the_page() -> None:
    """Names, paths, bodies and headers are text, whatever stands in them; nothing is loaded."""
    html = page(compared({EVIL: EVIL}, {EVIL: 1}).report())
    assert EVIL not in html
    tags = Checked(html).tags
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert "default-src 'none'" in html


def test_no_findings_are_good_news() -> None:
    """A comparison without a difference says so."""
    html = page(compared(1, 1).report())
    assert "No findings" in html
    assert "Every answer is the same" in html


def test_noise_is_told_apart() -> None:
    """What is noise stands below, with how often the old version had it."""
    comparison = compared({"at": 1}, {"at": 2})
    left, right = (Answer(status=200, headers=JSON, body=b"%d" % n) for n in (1, 2))
    comparison.add(Pair(id="1", route="a", what="b", left=left, right=right))
    comparison.add_noise(Pair(id="1", route="a", what="b", left=left, right=right))
    html = page(comparison.report())
    assert "<h2>Noise</h2>" in html
    assert "noise 1" in html


def test_a_page_stays_one_that_opens() -> None:
    """Of very many findings the first hundred are shown and the others counted."""
    left, right = ({f"k{number}": value for number in range(300)} for value in (1, 2))
    html = page(compared(left, right).report())
    assert html.count('<details class="finding"') == 100
    assert "200 more findings are not shown" in html
