"""The JSON Schema for editors, held against the model."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
import yaml

from ingress import routefile, schema
from ingress.problems import ConfigError
from tests.harness.processes import ROOT
from tests.ingress import configuration

SCHEMA = schema.build()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def takes(text: str) -> bool:
    """Ask the schema, as an editor does: the text is not filled in."""
    # BaseLoader and SafeLoader are YAML 1.1; off and on must stay texts, as editors read them.
    text = text.replace(": off", ": 'off'")
    return bool(VALIDATOR.is_valid(yaml.safe_load(text)))


def loads(text: str) -> bool:
    """Ask the model."""
    try:
        routefile.parse(text.encode(), environment={"N": "3", "T": "1s", "B": "true", "X": "x"})
    except ConfigError:
        return False
    return True


def test_the_schema_in_docs_is_this_one() -> None:
    """When it is not: `queuegate routes schema --write docs/gateway.schema.json`."""
    assert json.loads((ROOT / "docs" / schema.ID).read_text()) == SCHEMA


def test_the_schema_is_a_schema() -> None:
    """It is valid by the rules of its own dialect."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_projects_own_route_file_fits() -> None:
    """What `make run` serves is right in an editor too."""
    assert takes((ROOT / "gateway.yaml").read_text())


def route(line: str) -> str:
    return f"routes:\n  - route: GET /a\n    operation: a.b\n    {line}\n"


GOOD = [
    route(""),
    route("timeout: 250ms"),
    route("timeout: ${T}"),
    route("timeout: ${T:-5s}"),
    route("retry: off"),
    route("breaker: off"),
    route("retry: {attempts: 2, base: 10ms, cap: 1s, attempt_timeout: 1s}"),
    route("retry: {}"),
    route("retry:\n      attempts: ${N:-3}"),
    route("breaker: {failure_rate: 12.5%, window: 1m, min_calls: 5, open_for: 1s, probes: 2}"),
    route("max_body: 0B"),
    route("body: {media: [application/json, image/*], required: false, wellformed: false}"),
    route("idempotent: true"),
    route("log: ${B}"),
    route("queue: ${X}"),
    route("{exchange: e, routing_key: k}"[1:-1].replace(", ", "\n    ")),
    "broker: ${NO:-amqp://u:p@h:5672/v}\n" + route(""),
    "broker: amqps://h\nservices:\n  a: {operations: [b], module: 'm.n:s', dialect: raw}\n"
    + route(""),
    "defaults: {timeout: 1m, retry: off, log: false}\n" + route(""),
    "journal: {}\n" + route("journal: full"),
    "journal: off\n" + route("journal: {level: full, sample: 10%, max_body: 4KiB}"),
    "journal: {store: 'stream:j', retention: {age: 7d, size: 1GiB}, when_full: drop}\n"
    + route("journal: {redact: {headers: [x-a], query: [b], body: ['$.c'], hash: []}}"),
    "routes: [{route: '* /x/{y}/{z...}', operation: a.b.c-d}]",
]
BAD = [
    "",
    "routes: []",
    "routes: 5",
    "broker: memory://",
    "broker: kafka://h\n" + route(""),
    route("timeout: 5"),
    route("timeout: five"),
    route("timeout: -5s"),
    route("timeout:"),
    route("tiemout: 5s"),
    route("retry: 3"),
    route("retry: 'on'"),
    route("retry: {attempts: 11}"),
    route("retry: {attempts: 0}"),
    route("retry: {attempts: 2.5}"),
    route("retry: {tries: 3}"),
    route("breaker: {failure_rate: 50}"),
    route("breaker: {probes: 0}"),
    route("max_body: 1024"),
    route("max_body: 1 MiB"),
    route("body: {}"),
    route("body: {media: []}"),
    route("body: {media: [JSON]}"),
    route("body: {media: application/json}"),
    route("idempotent: maybe"),
    route("log: 1"),
    "journal: {}\n" + route("journal: some"),
    "journal: {store: 5}\n" + route(""),
    "journal: {store: 'stream:a b'}\n" + route(""),
    "journal: {when_full: wait}\n" + route(""),
    route("queue: ''"),
    route("queue: 5"),
    "services: {a: {dialect: amqp}}\n" + route(""),
    "services: {a: {module: nonsense}}\n" + route(""),
    "services: {'a b': {}}\n" + route(""),
    "services: []\n" + route(""),
    "routes: [{route: PSOT /x, operation: a.b}]",
    "routes: [{route: GET x, operation: a.b}]",
    "routes: [{route: 'GET /x{y}', operation: a.b}]",
    "routes: [{route: GET /x, operation: ab}]",
    "routes: [{route: GET /x}]",
]


@pytest.mark.parametrize("text", GOOD)
def test_what_the_model_takes_the_schema_takes(text: str) -> None:
    """An editor marks nothing in a file that is right."""
    assert (loads(text), takes(text)) == (True, True)


@pytest.mark.parametrize("text", BAD)
def test_what_the_model_refuses_the_schema_refuses(text: str) -> None:
    """An editor marks what would not load."""
    assert (loads(text), takes(text)) == (False, False)


def properties(node: Mapping[str, Any] = SCHEMA) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give every property of every section."""
    for section in (node, *node["$defs"].values()):
        yield from section.get("properties", {}).items()


def test_every_key_is_described() -> None:
    """Hovering over a key says what it does."""
    assert [name for name, node in properties() if not node.get("description")] == []


def test_defaults_are_written_as_in_a_file() -> None:
    """A default has its unit, and fits the schema itself."""
    defaults = {name: node["default"] for name, node in properties() if "default" in node}
    assert defaults["timeout"] == "5s"
    assert defaults["buffer"] == "64MiB"
    assert defaults["failure_rate"] == "50%"
    for _, node in properties():
        if "default" in node:
            # Not with the whole schema: to check it anew for each key takes a minute.
            VALIDATOR.evolve(schema=node).validate(node["default"])


def test_bounds_that_a_pattern_cannot_hold_are_described() -> None:
    """Durations, sizes and shares say how far they go."""
    described = dict(properties(SCHEMA["$defs"]["DefaultsSection"] | {"$defs": {}}))
    assert described["timeout"]["description"].endswith("More than 0s. At most 1h.")
    assert described["max_body"]["description"].endswith("At most 15MiB.")


def test_the_page_about_configuration_tells_the_same() -> None:
    """When it does not: `python -m tests.ingress.configuration`."""
    text = configuration.PAGE.read_text()
    assert configuration.page(text) == text


def test_the_samples_of_the_page_are_right() -> None:
    """Each loads, and together they show every key that there is."""
    samples = re.findall(
        r"^```yaml\n(.*?)^```", configuration.PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    samples = [sample for sample in samples if "routes:" in sample]
    assert len(samples) == 2
    for sample in samples:
        assert (loads(sample), takes(sample)) == (True, True)
    shown = set(re.findall(r"([a-z_]+):", samples[1]))
    # An exchange is shown in a service, where it is written just as in a route.
    assert {name for name, _ in properties()} - shown == set()
