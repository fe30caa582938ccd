from pathlib import Path

import pytest

from ingress.replay.header import supplied

ENV = {"TOKEN": "hunter2"}


def test_headers_are_read_from_words_files_and_the_environment(tmp_path: Path) -> None:
    """A header is a word, or a line of a file; a secret comes from the environment."""
    file = tmp_path / "headers"
    file.write_text("X-A: 1\n\nx-b:2\n")
    found = supplied([f"@{file}", "Authorization: Bearer ${TOKEN}", "x-c:"], ENV)
    assert found == (
        *(("x-a", "1"), ("x-b", "2")),
        *(("authorization", "Bearer hunter2"), ("x-c", "")),
    )


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("x", "NAME: VALUE"),
        ("x y: hunter2", "'x y' is none"),
        ("x: ${NOPE}", "NOPE is not in the environment"),
        ("x: hunter2\nb: 1", "NAME: VALUE"),
        ("x: ${BAD}", "does not allow"),
        ("@/nowhere/file", "no such file"),
    ],
)
def test_what_is_no_header_is_refused_without_its_value(text: str, complaint: str) -> None:
    """A wrong one is told by its name; no value is ever shown."""
    with pytest.raises(ValueError, match=complaint) as refused:
        supplied([text], {**ENV, "BAD": "hunter2\r\nx: 1"})
    assert "hunter2" not in str(refused.value)
