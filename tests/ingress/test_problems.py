"""Problems and how they are told."""

import pytest

from ingress.problems import ConfigError, Problem, did_you_mean, spell, without_password


def test_a_problem_is_one_line_that_editors_make_a_link_of() -> None:
    """It reads file:line:column: path: message (hint)."""
    problem = Problem(file="a.yaml", line=3, column=5, path="x[1].y", message="bad", hint="mend it")
    assert str(problem) == "a.yaml:3:5: x[1].y: bad (mend it)"


def test_a_problem_of_the_whole_file_has_no_line() -> None:
    """Without a line the file alone is named."""
    assert str(Problem(file="a.yaml", message="cannot be read")) == "a.yaml: cannot be read"


def test_problems_are_told_in_the_order_of_the_file() -> None:
    """An error tells all of its problems, the first line first."""
    error = ConfigError(Problem(file="a", line=n, column=1, message=f"m{n}") for n in (9, 10, 2))
    assert str(error).splitlines() == ["a:2:1: m2", "a:9:1: m9", "a:10:1: m10"]
    assert repr(error) == "<ConfigError 3 in a>"


def test_a_path_is_spelled_as_people_write_it() -> None:
    """Numbers are indexes, texts are keys."""
    assert spell(("routes", 2, "retry", "attempts")) == "routes[2].retry.attempts"
    assert spell(()) == ""


@pytest.mark.parametrize(
    "word, hint",
    [("tiemout", "did you mean timeout?"), ("TIMEOUT", "did you mean timeout?"), ("xyz", "")],
)
def test_the_nearest_known_word_is_suggested(word: str, hint: str) -> None:
    """A typo gets a suggestion; what is near nothing gets none."""
    assert did_you_mean(word, ["timeout", "retry"]) == hint


@pytest.mark.parametrize(
    "text, shown",
    [
        ("amqp://guest:s3cret@host/", "amqp://guest:***@host/"),
        ("a://u:p@x,b://u:q@y", "a://u:***@x,b://u:***@y"),
        ("amqp://host:5672/", "amqp://host:5672/"),
    ],
)
def test_passwords_in_urls_are_blanked(text: str, shown: str) -> None:
    """The password of every URL in a text gives way to stars."""
    assert without_password(text) == shown
