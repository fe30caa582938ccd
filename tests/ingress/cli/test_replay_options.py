from pathlib import Path

import pytest
import typer

from ingress.cli import replay_options as its


def test_a_source_is_named_as_it_is_kept() -> None:
    """The journal, a file by its whole path, or dead letters."""
    assert its.source("journal", "") == "journal"
    assert its.source("a.har", "") == str(Path.cwd() / "a.har")
    assert its.source("journal", "orders") == "dlq:orders"
    with pytest.raises(typer.BadParameter):
        its.source("a.har", "orders")


def test_what_is_allowed_is_a_known_reason() -> None:
    """Reasons are checked, and --unsafe is one of them."""
    assert its.allowed(["cut", "cut"], unsafe=True) == ("cut", "unsafe")
    assert its.allowed(None, unsafe=False) == ()
    with pytest.raises(typer.BadParameter, match="none of metadata, cut, redacted"):
        its.allowed(["locked"], unsafe=False)


def test_a_name_can_stand_in_a_header() -> None:
    """A run's name has no character that means something in the mark."""
    assert its.run_name("mend-1.2_x") == "mend-1.2_x"
    for name in ("a/b", "a b", "a;b", "é", "x" * 65):
        with pytest.raises(typer.BadParameter):
            its.run_name(name)


def test_a_latency_is_a_time() -> None:
    """A latency has its unit."""
    assert its.latency("50ms") == 0.05
    with pytest.raises(typer.BadParameter, match="recorded"):
        its.latency("50")
