"""Request ids."""

import pytest

from ingress import request_id


@pytest.mark.parametrize("given", ["a", "0193-ab_c.D~:/+=@", "x" * 128])
def test_a_fit_id_is_taken_over(given: str) -> None:
    """An id of harmless characters is carried on as the client gave it."""
    assert request_id.accept(given) == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\nb", 'a"b', "ä", "a\x00"])
def test_an_unfit_id_is_not_carried_on(given: str) -> None:
    """An id that could break a log line or a header is dropped."""
    assert request_id.accept(given) == ""


def test_made_ids_are_unique_fit_and_in_order() -> None:
    """Made ids differ, can be carried, and sort in the order they were made in."""
    make = request_id.maker()
    ids = [make() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)
    assert all(request_id.accept(one) for one in ids)


def test_two_processes_make_different_ids() -> None:
    """The random part keeps processes apart within one millisecond."""
    assert request_id.maker()()[12:20] != request_id.maker()()[12:20]
