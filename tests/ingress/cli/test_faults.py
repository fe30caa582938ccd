"""What a command says when it cannot do what was asked."""

import errno

import pytest

from ingress.cli.faults import exit_code_of
from ingress.problems import ConfigError, Problem, UsageError
from workers.binding import ServiceError


@pytest.mark.parametrize(
    "error, code, said",
    [
        (ConfigError([Problem(file="g", line=1, column=2, message="bad")]), 2, "g:1:2: bad\n"),
        (UsageError("choose one"), 2, "queuegate: choose one\n"),
        (ServiceError("no such module"), 2, "queuegate: no such module\n"),
        (OSError(errno.EADDRINUSE, "the port is taken"), 1, "queuegate: the port is taken\n"),
    ],
)
def test_an_expected_error_is_a_sentence_and_an_exit_code(
    error: Exception, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wrong configuration and usage are 2, what the world refuses is 1; all goes to stderr."""
    assert exit_code_of(error) == code
    assert capsys.readouterr() == ("", said)


def test_a_bug_is_raised_again() -> None:
    """What nobody expected keeps its traceback."""
    with pytest.raises(ZeroDivisionError):
        exit_code_of(ZeroDivisionError())
