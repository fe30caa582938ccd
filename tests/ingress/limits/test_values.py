import pytest
from pydantic import TypeAdapter, ValidationError

from ingress.limits.values import Quotas, Rates, quota

_RATES: TypeAdapter[tuple[str, ...]] = TypeAdapter(Rates)
_QUOTAS: TypeAdapter[tuple[str, ...]] = TypeAdapter(Quotas)


def test_lists_of_rates_and_quotas_are_taken() -> None:
    """What is well written stays as it was written."""
    assert _RATES.validate_python(["10/s", "100/m"]) == ("10/s", "100/m")
    assert _QUOTAS.validate_python(["10/day", "100/month"]) == ("10/day", "100/month")
    assert quota("10/month") == ("month", 10)


@pytest.mark.parametrize(
    "kind, texts, complaint",
    [
        (_RATES, ["10"], "calls/window"),
        (_RATES, ["10/s", "20/s"], "same window"),
        (_RATES, ["1/s", "1/m", "1/h", "1/5s"], "at most 3"),
        (_QUOTAS, ["10/week"], "calls/day or calls/month"),
        (_QUOTAS, ["0/day"], "calls/day or calls/month"),
        (_QUOTAS, ["1/day", "2/day"], "same window"),
    ],
)
def test_what_is_written_wrong_is_told(
    kind: TypeAdapter[tuple[str, ...]], texts: list[str], complaint: str
) -> None:
    """A wrong one, a window twice and too many of them are refused."""
    with pytest.raises(ValidationError, match=complaint):
        kind.validate_python(texts)
