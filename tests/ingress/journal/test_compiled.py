import pytest

from ingress import compile as compiling
from ingress import routefile
from ingress.journal import compiled
from ingress.journal.record import Level
from ingress.journal.recording import Recording
from ingress.journal.redact import REDACTED

TEXT = """\
journal: {store: j.db, keys: ["%s"]}
defaults:
  journal: {level: full, max_body: 1KiB, redact: {headers: [x-a], hash: [x-h]}}
routes:
  - {route: GET /plain, operation: a.b}
  - {route: GET /off, operation: a.b, journal: off}
  - {route: GET /less, operation: a.b, journal: metadata}
  - route: GET /more
    operation: a.b
    journal: {sample: 10%%, redact: {headers: [x-b]}}
"""
KEY = "ab" * 32


def recordings(text: str = TEXT % KEY) -> list[Recording | None]:
    file = routefile.parse(text.encode(), environment={})
    return [plan.journal for plan in compiling.compile_plans(file)]


def some(recording: Recording | None) -> Recording:
    assert recording is not None
    return recording


@pytest.mark.parametrize("index, level", [(0, "full"), (1, None), (2, "metadata"), (3, "full")])
def test_a_route_is_before_defaults(index: int, level: Level | None) -> None:
    """The nearest word decides the level, and ``off`` is nothing at all."""
    found = recordings()[index]
    assert (found.level if found else None) == level


def test_sections_overlay_key_by_key() -> None:
    """A route that sets the sample keeps the bound of the defaults."""
    more = some(recordings()[3])
    assert (more.sample, more.max_body) == (0.1, 1024)


def test_redaction_only_grows() -> None:
    """What defaults take out, a route that takes out more still does."""
    plain, _, _, more = recordings()
    pairs = (("x-a", "1"), ("x-b", "2"))
    taken = (("x-a", REDACTED), ("x-b", "2"))
    assert some(plain).redaction.headers(pairs, "request", []) == taken
    both = (("x-a", REDACTED), ("x-b", REDACTED))
    assert some(more).redaction.headers(pairs, "request", []) == both


def test_digests_are_keyed_by_the_journal() -> None:
    """Two journals with different keys give different digests."""
    pairs = (("x-h", "1"),)
    one, other = (
        some(recordings(TEXT % key)[0]).redaction.headers(pairs, "request", [])
        for key in (KEY, "cd" * 32)
    )
    assert one[0][1].startswith("hmac-")
    assert one != other


def test_without_a_journal_nothing_is_recorded() -> None:
    """A file without the section has routes that record nothing, and no keys."""
    text = "routes: [{route: GET /a, operation: a.b}]"
    file = routefile.parse(text.encode(), environment={})
    assert recordings(text) == [None]
    assert not compiled.keyring(file)
    assert compiled.without_route(file) is None


def test_what_meets_no_route_is_recorded_as_defaults_say() -> None:
    """Requests without a route follow ``defaults``."""
    file = routefile.parse((TEXT % KEY).encode(), environment={})
    assert some(compiled.without_route(file)).level == "full"
