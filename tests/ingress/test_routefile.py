"""The route file: what it may say, and what is said when it is wrong."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingress import routefile
from ingress.problems import ConfigError, Problem
from ingress.routefile import RouteFile
from tests.harness.processes import ROOT

MINIMAL = "routes: [{route: GET /a, operation: a.b}]\n"


def parse(text: str, **environment: str) -> RouteFile:
    return routefile.parse(text.encode(), source="g.yaml", environment=environment)


def complaints(text: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text, **environment)
    return [str(problem) for problem in caught.value.problems]


def complaint(text: str, **environment: str) -> str:
    (only,) = complaints(text, **environment)
    return only


def told(text: str, **environment: str) -> tuple[Problem, ...]:
    """Give what is wrong, which may be nothing."""
    try:
        parse(text, **environment)
    except ConfigError as error:
        return error.problems
    return ()


def route(line: str) -> str:
    return f"routes:\n  - route: GET /a\n    operation: a.b\n    {line}\n"


def test_one_route_is_enough() -> None:
    """All else has a default: the embedded broker, five seconds, retries and a breaker."""
    file = parse(MINIMAL)
    assert file.broker == "memory://"
    assert (file.defaults.timeout, file.defaults.max_body) == (5.0, 1_048_576)
    assert file.routes[0].route == "GET /a"


@pytest.mark.parametrize("broker", ["", "amqp://guest:guest@localhost:5672/"])
def test_the_projects_own_route_file_is_right(broker: str) -> None:
    """It loads with a broker in the environment, and without one on the embedded broker."""
    environment = {"BROKER_URL": broker} if broker else {}
    file = routefile.load(ROOT / "gateway.yaml", environment=environment)
    assert file.broker == (broker or "memory://")


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    """Syntax of values, unknown keys, bounds, clashes and missing variables come together."""
    text = """\
broker: ${NOPE}
defaults:
  timeout: 5
  breaker: {failure_rate: 500%, windw: 3s}
services:
  orders: {operations: [create, get]}
routes:
  - route: POST /v1/orders
    operation: orders.crete
    timeout: 0s
  - route: POST /v1/orders
    operation: order.create
    retry: {attempts: 99, base: 1s}
  - {route: PSOT /x, operation: slow}
"""
    assert complaints(text) == [
        (
            "g.yaml:1:9: broker: the environment variable NOPE is not set"
            " (export NOPE=..., or give a default: ${NOPE:-...})"
        ),
        "g.yaml:3:12: defaults.timeout: a duration needs its unit: 5s, 250ms, 1m or 7d",
        "g.yaml:4:27: defaults.breaker.failure_rate: a share is at most 100%",
        "g.yaml:4:33: defaults.breaker.windw: no such key (did you mean window?)",
        (
            "g.yaml:9:16: routes[0].operation: the service orders offers no 'orders.crete'"
            " (did you mean orders.create?)"
        ),
        "g.yaml:10:14: routes[0].timeout: this must be more than 0s",
        (
            "g.yaml:11:12: routes[1].route: POST /v1/orders is declared twice, first in line 8"
            " (keep one of the two)"
        ),
        "g.yaml:12:16: routes[1].operation: no service 'order' is declared (did you mean orders?)",
        (
            "g.yaml:13:12: routes[1].retry: base (1s) is longer than cap (250ms)"
            " (raise cap, or lower base)"
        ),
        "g.yaml:13:23: routes[1].retry.attempts: this must be at most 10",
        (
            "g.yaml:14:13: routes[2].route: 'PSOT' is no method here;"
            " known are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE and ANY"
        ),
        (
            "g.yaml:14:33: routes[2].operation: an operation is written service.operation:"
            " orders.create"
        ),
    ]


@pytest.mark.parametrize(
    "line, what",
    [
        ("timeout: 2h", "at most 1h"),
        ("timeout: 0s", "more than 0s"),
        ("timeout: true", "is written as 5s"),
        ("max_body: 1GiB", "at most 15MiB"),
        ("max_body: 1024", "needs its unit"),
        ("retry: {attempts: 0}", "at least 1"),
        ("retry: {attempts: 11}", "at most 10"),
        ("retry: {attempts: '3'}", "a whole number, not a text"),
        ("retry: {attempts: 2.5}", "a whole number, not a number"),
        ("retry: on", "a mapping of settings, or off, not a text"),
        ("retry: false", "(write off)"),
        ("retry:", "a mapping of settings, or off, not nothing"),
        ("breaker: {failure_rate: 0%}", "more than 0"),
        ("breaker: {window: 10ms}", "at least 1s"),
        ("breaker: {probes: 0}", "at least 1"),
        ("idempotent: yes", "true or false, not a text"),
        ("log: 1", "true or false, not a number"),
        ("body: {}", "the key 'media' is missing"),
        ("body: {media: []}", "must not be empty"),
        ("body: {media: json}", "a list, not a text"),
        ("body: {media: [JSON]}", "a media type is type/subtype"),
        ("queue: ''", "must not be empty"),
        ("queue: " + "q" * 256, "at most 255 characters"),
        ("queue: 5", "a text, not a number (quote it)"),
        ("tiemout: 1s", "no such key (did you mean timeout?)"),
        ("xyz: 1s", "known here: timeout, retry, breaker"),
    ],
)
def test_a_wrong_setting_is_told_in_words_that_help(line: str, what: str) -> None:
    """Each bound and each type has a sentence of its own, at the line of the setting."""
    found = complaint(route(line))
    assert what in found
    assert found.startswith("g.yaml:4:")


@pytest.mark.parametrize(
    "text, what",
    [
        ("", "the file is empty (it needs `routes:`)"),
        ("[]", "this must be a mapping, not a list"),
        ("routes: []", "this must not be empty"),
        ("broker: memory://", "the key 'routes' is missing"),
        ("routes: {}", "this must be a list, not a mapping"),
        ("routes: [5]", "this must be a mapping, not a number"),
        ("routes: [{route: GET /a}]", "the key 'operation' is missing"),
    ],
)
def test_a_file_without_its_parts_is_told_what_is_missing(text: str, what: str) -> None:
    """What is missing or of another shape is named at the place where it should be."""
    assert what in complaint(text)


@pytest.mark.parametrize(
    "broker", ["kafka://h", "amqp://", "amqp://h:99999", "localhost", "amqp:h", "amqp://a,http://b"]
)
def test_a_broker_that_cannot_be_is_refused_without_being_repeated(broker: str) -> None:
    """A wrong URL is told by its form alone, since it may hold a password."""
    found = complaint(f"broker: ${{B}}\n{MINIMAL}", B=broker)
    assert "amqp://" in found
    assert "kafka" not in found
    assert "99999" not in found


def test_several_addresses_of_one_cluster_may_stand_there() -> None:
    """Addresses with commas between them are one broker."""
    file = parse(f"broker: amqp://a:5672/x,amqps://b/x\n{MINIMAL}")
    assert file.broker == "amqp://a:5672/x,amqps://b/x"


SECRET = "hunter2-5e3f"


@pytest.mark.parametrize(
    "line",
    ["timeout", "max_body", "retry", "breaker", "queue", "idempotent", "log", "body", "hint"],
)
@pytest.mark.parametrize("form", ["{}: ${{SECRET}}", "{}: '${{SECRET}}'", "{}: [a, '${{SECRET}}']"])
def test_a_secret_from_the_environment_is_never_printed(line: str, form: str) -> None:
    """Whatever is wrong with a value from the environment, the problem does not show it."""
    problems = told(route(form.format(line)), SECRET=SECRET)
    assert SECRET not in "".join(f"{problem}{problem.quote}" for problem in problems)


@pytest.mark.parametrize("key", ["route", "operation"])
def test_a_secret_in_a_route_is_never_printed(key: str) -> None:
    """Nor do the sentences that quote parts of patterns and names."""
    other = {"route": "operation: a.b", "operation": "route: GET /a"}[key]
    found = complaints(
        f"services: {{x: {{operations: []}}}}\nroutes:\n  - {key}: ${{SECRET}}\n    {other}\n",
        SECRET=SECRET,
    )
    assert SECRET not in "\n".join(found)


def test_a_file_that_cannot_be_read_is_told_with_what_to_do(tmp_path: Path) -> None:
    """A missing file and a folder are problems of the file as a whole."""
    for path, why in ((tmp_path / "none.yaml", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(ConfigError, match=rf"{re.escape(str(path))}: cannot be read: {why}"):
            routefile.load(path)


def test_numbers_may_come_from_the_environment() -> None:
    """An unquoted reference may be a number or a truth."""
    file = parse("defaults:\n  log: ${LOG:-false}\n  retry:\n    attempts: ${N}\n" + MINIMAL, N="7")
    assert file.defaults.log is False
    assert getattr(file.defaults.retry, "attempts", None) == 7


@settings(deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes_give_a_route_file_or_one_error(data: bytes) -> None:
    """Garbage gives a ConfigError with at least one problem, and nothing else."""
    try:
        routefile.parse(data, environment={})
    except ConfigError as error:
        assert error.problems  # noqa: PT017 - either way is right, but nothing else


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_WORDS = st.sampled_from(
    [
        "off",
        "5s",
        "1MiB",
        "50%",
        "GET /a",
        "a.b",
        "GET /{x...}",
        "amqp://h",
        "orders",
        "${A}",
        "application/json",
    ]
)
_KEYS = st.sampled_from(
    [
        "broker",
        "defaults",
        "services",
        "routes",
        "route",
        "operation",
        "timeout",
        "retry",
        "breaker",
        "attempts",
        "base",
        "cap",
        "body",
        "media",
        "queue",
        "exchange",
        "routing_key",
        "operations",
        "module",
        "dialect",
        "idempotent",
        "max_body",
    ]
)
_DATA = st.recursive(
    _SCALARS | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=15,
)


@settings(deadline=None)
@given(st.dictionaries(_KEYS, _DATA, max_size=5))
def test_any_data_give_a_route_file_or_one_error(data: object) -> None:
    """So does data that has the right keys in the wrong places."""
    # Every JSON document is YAML.
    text = json.dumps(data).replace("NaN", ".nan").replace("Infinity", ".inf")
    assert all(problem.line for problem in told(text, A="x"))
