"""Which setting holds, and where it comes from."""

from ingress import layers, routefile

TEXT = """\
defaults:
  timeout: 3s
  retry: {attempts: 5, cap: 1s}
  breaker: off
services:
  orders: {queue: work, dialect: raw}
  events: {exchange: bus}
routes:
  - {route: POST /a, operation: orders.create}
  - route: GET /b
    operation: orders.get
    timeout: 1s
    retry: {attempts: 2}
    breaker: {probes: 3}
    queue: other
  - {route: GET /c, operation: events.x, retry: off}
  - {route: GET /d, operation: events.x, routing_key: k}
  - {route: POST /e, operation: orders.x, exchange: mine, idempotent: true}
  - {route: GET /f, operation: orders.x, body: {media: [text/plain], required: false}}
"""


def of(index: int) -> dict[str, tuple[object, str, int]]:
    file = routefile.parse(TEXT.encode(), environment={})
    found = layers.of(file, index)
    return {name: (one.value, one.origin, one.line) for name, one in found.items()}


def test_a_route_is_before_defaults_and_defaults_before_what_is_built_in() -> None:
    """Each setting comes from the nearest that says it, with its line."""
    assert of(0)["timeout"] == (3.0, "defaults", 2)
    assert of(1)["timeout"] == (1.0, "route", 12)
    assert of(0)["max_body"] == (1_048_576, "built in", 0)


def test_retry_overlays_key_by_key() -> None:
    """A route that sets the attempts keeps the pauses of the defaults."""
    found = of(1)
    assert found["retry.attempts"] == (2, "route", 13)
    assert found["retry.cap"] == (1.0, "defaults", 3)
    assert found["retry.base"] == (0.025, "built in", 0)


def test_off_is_a_setting_like_others() -> None:
    """The nearest switches, so a route can switch on what defaults switch off."""
    assert of(0)["breaker"] == ("off", "defaults", 4)
    assert "breaker.probes" not in of(0)
    assert of(1)["breaker"] == ("on", "route", 14)
    assert of(1)["breaker.probes"] == (3, "route", 14)
    assert of(1)["breaker.window"] == (30.0, "built in", 0)
    assert of(2)["retry"] == ("off", "route", 16)


def test_a_call_goes_to_the_routes_queue_then_the_services_then_the_name() -> None:
    """The queue is the nearest that is named, and at last the service's name."""
    assert of(0)["queue"] == ("work", "service", 6)
    assert of(1)["queue"] == ("other", "route", 15)
    file = routefile.parse(b"routes: [{route: GET /a, operation: orders.get}]", environment={})
    assert layers.of(file, 0)["queue"].value == "orders"


def test_a_call_goes_to_an_exchange_with_the_operation_as_key() -> None:
    """An exchange takes the place of the queue, and the key can be set."""
    assert of(2)["exchange"] == ("bus", "service", 7)
    assert of(2)["routing_key"] == ("events.x", "the operation's name", 0)
    assert of(3)["routing_key"] == ("k", "route", 17)
    assert of(4)["exchange"] == ("mine", "route", 18)
    assert "queue" not in of(4)


def test_the_dialect_is_the_services() -> None:
    """A service speaks one dialect."""
    assert of(0)["dialect"] == ("raw", "service", 6)
    assert of(2)["dialect"] == ("queuegate", "built in", 0)


def test_a_route_is_idempotent_when_its_method_is_or_when_it_says_so() -> None:
    """RFC 9110 decides by the method, and the route file has the last word."""
    assert of(0)["idempotent"] == (False, "method POST", 0)
    assert of(1)["idempotent"] == (True, "method GET", 0)
    assert of(4)["idempotent"] == (True, "route", 18)


def test_what_was_asked_for_is_known() -> None:
    """A setting counts as asked for when it, or one inside it, stands in the file."""
    file = routefile.parse(TEXT.encode(), environment={})
    found = layers.of(file, 5)
    assert layers.asked(found, "body")
    assert layers.asked(found, "retry")
    assert not layers.asked(found, "max_body")
    assert not layers.asked(layers.of(file, 0), "body")


def test_without_a_journal_nothing_is_recorded() -> None:
    """A file without the section has one setting that says so."""
    assert of(0)["journal"] == ("off", "the file has no journal", 0)


def test_a_journal_overlays_key_by_key_and_redaction_adds_up() -> None:
    """The level is the nearest word, and what is taken out is what anybody wants taken out."""
    text = """\
journal: {}
defaults: {journal: {level: full, redact: {headers: [x-a]}}}
routes:
  - {route: GET /a, operation: a.b, journal: {sample: 5%, redact: {headers: [x-b]}}}
  - {route: GET /b, operation: a.b, journal: metadata}
  - {route: GET /c, operation: a.b, journal: off}
"""
    file = routefile.parse(text.encode(), environment={})
    first, second, third = (layers.of(file, index) for index in range(3))
    assert (first["journal"].value, first["journal"].origin) == ("full", "defaults")
    assert (first["journal.sample"].value, first["journal.sample"].line) == (0.05, 4)
    assert first["journal.redact.headers"].value == ("x-b", "x-a")
    assert (second["journal"].value, second["journal"].line) == ("metadata", 5)
    assert second["journal.redact.headers"].value == ("x-a",)
    assert [name for name in third if name.startswith("journal")] == ["journal"]
