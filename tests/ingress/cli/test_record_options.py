from typing import Any

import pytest
import typer

from contracts.deadline import now_ms
from ingress.cli.record_options import filter_of
from ingress.journal.filter import Filter


def test_options_become_a_filter() -> None:
    """Each option becomes a part of the filter, in its units."""
    found = filter_of(
        since="15m",
        ids=["r-1"],
        routes=["GET /a"],
        methods=["get"],
        statuses=["5xx", "404"],
        codes=["deadline"],
        callers=["ann"],
        slower="500ms",
        headers=["X-Shop=a"],
        body="order.id",
        replayed=False,
        run="mend",
    )
    assert abs(now_ms() - 900_000 - found.since) < 5000
    assert found == Filter(
        since=found.since,
        ids=("r-1",),
        routes=("GET /a",),
        methods=("GET",),
        statuses=((500, 599), (404, 404)),
        codes=("deadline",),
        callers=("ann",),
        slower=500_000,
        headers=(("x-shop", "a"),),
        body="order.id",
        replayed=False,
        run="mend",
    )
    assert filter_of() == Filter()


@pytest.mark.parametrize(
    "option, given",
    [
        ("since", "soon"),
        ("until", "15"),
        ("statuses", ["6xx"]),
        ("slower", "500"),
        ("headers", ["x"]),
        ("body", "a["),
        ("reply", "]"),
    ],
)
def test_a_wrong_filter_is_bad_usage(option: str, given: Any) -> None:
    """What cannot be read is told with the option, and is exit code 2."""
    with pytest.raises(typer.BadParameter) as refused:
        filter_of(**{option: given})
    assert refused.value.exit_code == 2
    assert str(refused.value.param_hint).startswith(f"--{option[:4]}")
