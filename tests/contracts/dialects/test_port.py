from typing import get_type_hints

import pytest

from contracts.dialects import NAMES, dialect
from contracts.dialects.port import Dialect, WorkerDialect

ABILITIES = {"name", "request", "reply", "call", "answer"}


@pytest.mark.parametrize("name", NAMES)
def test_each_dialect_serves_both_ends(name: str) -> None:
    """Each dialect here speaks for the gateway and for the worker, and knows its name."""
    speaker: WorkerDialect = dialect(name)
    gateway_side: Dialect = speaker
    assert gateway_side.name == name
    assert set(dir(speaker)) >= ABILITIES


def test_the_worker_side_is_an_addition() -> None:
    """A family that has its own workers needs the gateway's side alone."""
    assert {"call", "answer"} <= set(vars(WorkerDialect))
    assert "call" not in vars(Dialect)
    assert get_type_hints(Dialect.reply)["return"].__name__ == "Reply"
