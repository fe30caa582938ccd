import pytest

from ingress.journal.filter import EVERYTHING, Filter, check_expression
from tests.ingress.journal.recorded import full, record


def test_an_empty_filter_asks_for_nothing() -> None:
    """Without anything set it selects nothing and fits all."""
    assert not EVERYTHING.selects
    assert Filter(routes=("-",)).selects
    assert EVERYTHING.fits(record())


def test_all_that_is_set_must_fit() -> None:
    """One field that does not fit is enough to leave a record out."""
    one = record(5, status=404)
    assert Filter(ids=("r-5",), statuses=((400, 499),)).fits(one)
    assert not Filter(ids=("r-5",), statuses=((500, 599),)).fits(one)


@pytest.mark.parametrize(
    "expression, body, fits",
    [
        ("sku", b'{"sku": "tea"}', True),
        ("sku", b'{"sku": ""}', False),
        ("n", b'{"n": 0}', True),
        ("n", b'{"n": false}', False),
        ("n", b'{"n": null}', False),
        ("items[?price > `3`]", b'{"items": [{"price": 4}]}', True),
        ("items[?price > `3`]", b'{"items": [{"price": 2}]}', False),
        ("length(n)", b'{"n": 5}', False),
        ("n", b"not json", False),
        ("n", b"[" * 5000, False),
        ("n", b"", False),
    ],
)
def test_an_expression_fits_when_it_finds_something(
    expression: str,
    body: bytes,
    fits: bool,  # noqa: FBT001
) -> None:
    """JMESPath's own truth decides, and a body that cannot be asked does not fit."""
    assert Filter(body=expression).fits(full(request_body=body)) is fits


def test_an_encrypted_record_fits_no_filter_on_its_content() -> None:
    """What nobody can read is not said to fit."""
    locked = record(content=b"sealed", key="k1")
    assert not Filter(headers=(("x-shop", "a"),)).fits(locked)
    assert Filter(routes=(locked.route,)).fits(locked)


def test_a_wrong_expression_is_told() -> None:
    """An expression that cannot be parsed is an error in one line."""
    assert check_expression("a.b") == "a.b"
    with pytest.raises(ValueError, match="this is no JMESPath expression: ") as caught:
        check_expression("a[")
    assert "\n" not in str(caught.value)
