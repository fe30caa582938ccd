"""Data that remembers where it stood."""

from ingress.document import Document, Mark


def _document() -> Document:
    document = Document("a.yaml", "broker: amqp://u:secret@h\nroutes: []\n")
    document.marks = {(): Mark(1, 1), ("broker",): Mark(1, 9)}
    document.key_marks = {("broker",): Mark(1, 1)}
    return document


def test_a_place_that_is_not_there_is_its_nearest_parents() -> None:
    """A missing value is told at the place of what should have held it."""
    assert _document().mark(("broker", "x", 3)) == Mark(1, 9)
    assert _document().mark(("nothing",)) == Mark(1, 1)


def test_a_problem_of_a_key_points_at_the_key() -> None:
    """Values and keys have places of their own."""
    problem = _document().problem(("broker",), "no such key", key=True)
    assert (problem.line, problem.column, problem.path) == (1, 1, "broker")


def test_the_quoted_line_shows_no_password() -> None:
    """A problem quotes the line as written, with passwords blanked."""
    assert _document().problem(("broker",), "m").quote == "broker: amqp://u:***@h"


def test_what_lies_below_a_broken_value_is_broken() -> None:
    """A place is broken with any of its parents, and not otherwise."""
    document = _document()
    document.broken.add(("routes", 1))
    assert document.is_broken(("routes", 1, "timeout"))
    assert not document.is_broken(("routes", 2))
