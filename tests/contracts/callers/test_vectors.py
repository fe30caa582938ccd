"""The statements of docs/wire-vectors.json: what we check, and what another language does."""

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.brokers.port import Message
from contracts.call import Caller
from contracts.callers.keys import read_keys
from contracts.callers.verifier import Unverified, Verifier
from contracts.dialects import dialect
from tests.harness.node import find_node

FILE = Path(__file__).parents[3] / "docs" / "wire-vectors.json"
VECTORS = json.loads(FILE.read_text())["vectors"]
SCRIPT = Path(__file__).with_name("verify.mjs")


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [vector for vector in VECTORS if vector["kind"] == kind]


GOOD, BAD = of_kind("statement"), of_kind("bad statement")


def verified(vector: dict[str, Any]) -> Caller:
    shown = vector["message"]
    message = Message(
        body=bytes.fromhex(shown["body"]), headers=shown["headers"], **shown["properties"]
    )
    keys = read_keys(json.dumps(vector["keys"]))
    call = dialect(vector["dialect"]).call(message)
    return Verifier(keys, clock=lambda: vector["now"]).verify(call, message).caller


@pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector["name"])
def test_statements_are_believed_as_shown(vector: dict[str, Any]) -> None:
    """Each gives the caller that stands beside it."""
    assert verified(vector) == msgspec.convert(vector["caller"], Caller)


@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector["name"])
def test_bad_statements_are_not_believed(vector: dict[str, Any]) -> None:
    """Whatever is wrong with them."""
    with pytest.raises(Unverified):
        verified(vector)


@pytest.mark.timeout(300)  # Node.js may have to be installed
def test_another_language_says_the_same() -> None:
    """Node, with nothing but its own library, believes the same and refuses the same."""
    done = subprocess.run(
        [find_node(), SCRIPT, FILE], capture_output=True, text=True, check=True, timeout=30
    )
    told = json.loads(done.stdout)
    assert {name for name, caller in told.items() if isinstance(caller, str)} == {
        vector["name"] for vector in BAD
    }
    assert {name: caller for name, caller in told.items() if not isinstance(caller, str)} == {
        vector["name"]: vector["caller"] for vector in GOOD
    }
