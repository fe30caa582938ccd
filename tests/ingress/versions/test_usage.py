"""Who uses which version."""

from msgspec.structs import replace

from ingress.versions.usage import Use, tally
from tests.ingress.journal.contract import MIXED

ONE = MIXED[0]


def test_requests_are_summed_up_by_version_and_caller() -> None:
    """With when each came last, and what it was refused; routes of no version do not count."""
    records = [
        replace(ONE, route="GET /v1/a", caller="anna", started=5, code=""),
        replace(ONE, route="GET /v1/b", caller="anna", started=9, code="gone"),
        replace(ONE, route="GET /v1/a", caller="", client="192.0.2.1", started=7, code=""),
        replace(ONE, route="GET /v2/a", caller="otto", started=1, code=""),
        replace(ONE, route="-", caller="otto"),
    ]
    versions = {"GET /v1/a": "1", "GET /v1/b": "1", "GET /v2/a": "2"}
    assert tally(records, versions) == [
        Use("1", "anna", 2, 1, 9),
        Use("1", "192.0.2.1", 1, 0, 7),
        Use("2", "otto", 1, 0, 1),
    ]
