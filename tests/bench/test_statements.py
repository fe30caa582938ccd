"""The benchmark of signed statements."""

from bench.statements import rows


def test_it_measures_each_way_to_sign() -> None:
    """Both algorithms, about a call and about a caller; the latter is kept, so it is cheaper."""
    found = {(row[0], row[1]): row for row in rows(calls=20)}
    assert set(found) == {(a, c) for a in ("HS256", "EdDSA") for c in ("call", "caller")}
    assert found["EdDSA", "call"][2] > found["EdDSA", "caller"][2]
    assert all(row[3] > 0 and row[4] > 100 for row in found.values())
