"""Authenticators over reloads."""

from typing import Any

import pytest

from ingress.auth import registry
from ingress.auth.kinds import KINDS, Parts
from ingress.auth.registry import Registry
from ingress.auth.sections import AuthenticatorSection
from ingress.consumers.directory import Directory
from ingress.document import Document
from ingress.problems import ConfigError
from tests.harness.waiting import eventually
from tests.ingress.auth.shown import Scripted

PARTS = Parts(directory=Directory())
DOCUMENT = Document("gateway.yaml", "")


def section(header: str) -> AuthenticatorSection:
    return AuthenticatorSection.model_validate({"key": {"header": header}})


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Scripted]:
    """What was built, by a kind that is never right about `bad`."""
    made: list[Scripted] = []

    def build(name: str, said: Any, _: Parts) -> Scripted:
        if said.header == "bad":
            raise ValueError("there is no such file")
        made.append(Scripted(name, None))
        return made[-1]

    monkeypatch.setattr(registry, "KINDS", {**KINDS, "key": build})
    return made


async def test_what_did_not_change_is_kept(built: list[Scripted]) -> None:
    """So its caches stay, and nothing is closed; others are built anew."""
    ours = Registry()
    ours.adopt({"a": section("x"), "b": section("y")}, PARTS, DOCUMENT)
    before = dict(ours.by_name)
    ours.adopt({"a": section("x"), "b": section("z")}, PARTS, DOCUMENT)
    assert ours.by_name["a"] is before["a"]
    assert ours.by_name["b"] is not before["b"]
    await ours.close()
    assert [one.closed for one in built] == [1, 1, 1]


async def test_one_that_was_replaced_is_closed_later(
    built: list[Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests that began before the reload may still ask it."""
    monkeypatch.setattr(registry, "_GRACE", 0.01)
    ours = Registry()
    ours.adopt({"a": section("x")}, PARTS, DOCUMENT)
    ours.adopt({}, PARTS, DOCUMENT)
    assert (built[0].closed, dict(ours.by_name)) == (0, {})
    await eventually(lambda: built[0].closed == 1)
    await ours.close()
    assert built[0].closed == 1


async def test_what_cannot_be_built_changes_nothing(built: list[Scripted]) -> None:
    """The old ones serve on, and the problem has its place in the file."""
    ours = Registry()
    ours.adopt({"a": section("x")}, PARTS, DOCUMENT)
    with pytest.raises(ConfigError, match=r"auth\.b: there is no such file"):
        ours.adopt({"a": section("y"), "b": section("bad")}, PARTS, DOCUMENT)
    assert list(ours.by_name.values()) == [built[0]]
    assert repr(ours) == "<Registry a>"
    await ours.close()
