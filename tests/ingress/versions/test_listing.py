"""The versions of a route file, for people."""

from ingress import routefile
from ingress.versions import listing

TEXT = b"""
versions:
  default: "2"
  known:
    "1": {deprecated: 2026-01-31, sunset: 2027-01-31, successor: "2"}
    "2": {}
routes:
  - {route: GET /v1/a, operation: s.o, version: "1"}
  - {route: GET /v2/a, operation: s.o, version: "2"}
  - {route: GET /v2/b, operation: s.o, version: "2"}
"""


def test_each_version_has_its_state_and_its_routes() -> None:
    """The state changes with the day."""
    file = routefile.parse(TEXT)
    states = []
    for now in (0, 1_769_817_600, 1_801_353_600):
        rows = listing.of(file, now)
        states.append([row["state"] for row in rows])
        assert [row["routes"] for row in rows] == ["1", "2"]
    assert states == [["served"] * 2, ["deprecated", "served"], ["gone", "served"]]
    assert listing.of(file)[0]["version"] == "1"
    assert listing.of(file)[1]["version"] == "2 (default)"


def test_a_file_without_versions_has_none() -> None:
    """And no rows."""
    assert listing.of(routefile.parse(b"routes: [{route: GET /a, operation: s.o}]")) == []
