from ingress.compare.answer import Answer
from ingress.compare.page.sides import lines, sides

JSON = ("content-type", "application/json")


def test_an_answer_is_laid_out_in_lines() -> None:
    """Status, headers by name and JSON with its members in order, each in a line of its own."""
    answer = Answer(
        status=200, headers=(("x-b", "2"), JSON, ("date", "now")), body=b'{"b":1,"a":[2]}'
    )
    assert lines(answer) == [
        *("HTTP 200", "content-type: application/json", "x-b: 2", ""),
        *("{", '  "a": [', "    2", "  ],", '  "b": 1', "}"),
    ]


def test_what_is_no_text_is_told_in_numbers() -> None:
    """Bytes are hexadecimal, a cut body says so, and no answer gives its reason."""
    assert lines(Answer(status=200, body=b"\xff\x00"))[-1] == "2 bytes: ff 00"
    assert lines(Answer(status=200, body=b"a\x1bb", cut=True))[-2:] == ["a\\x1bb", "… (cut here)"]
    assert lines(Answer(error="connection refused")) == ["connection refused"]


def test_what_differs_is_marked_and_what_is_equal_is_folded() -> None:
    """Changed lines are marked on both sides; a long equal part is told by its length."""
    left = Answer(status=200, body="\n".join([*map(str, range(50)), "a", "<b>"]).encode())
    right = Answer(status=200, body="\n".join([*map(str, range(50)), "c"]).encode())
    html = sides(left, right)
    assert '<td class="left">a</td><td class="right">c</td>' in html
    assert '<td class="left">&lt;b&gt;</td><td class="none"></td>' in html
    assert "49 lines are the same" in html
    assert html.count('<td class="">') == 6


def test_a_huge_answer_is_shown_in_part() -> None:
    """A page stays small whatever an answer holds."""
    huge = Answer(status=200, body=b"x\n" * 100_000)
    assert len(lines(huge)) == 400
    assert len(lines(Answer(status=200, body=b"y" * 9999))[-1]) == 400
