"""What the route file says of callers, compiled into what signs."""

from pathlib import Path

import pytest

from contracts.call import Call
from contracts.callers.keys import read_keys
from contracts.callers.verifier import Verifier
from ingress import explain, routefile
from ingress.callers import signing
from ingress.compile import compile_plans
from ingress.problems import ConfigError
from tests.contracts.callers.rings import PAIR, PUBLIC, SECRET, ring

ROUTES = "routes:\n  - {route: GET /a, operation: s.o, priority: 3}\n"


def load(
    folder: Path, callers: str, environment: dict[str, str] | None = None
) -> routefile.RouteFile:
    path = folder / "g.yaml"
    path.write_text(f"callers: {callers}\n{ROUTES}")
    return routefile.load(path, environment=environment or {})


def complaint(folder: Path, callers: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        signing.signer(load(folder, callers, environment))
    return str(caught.value.problems[0])


def test_every_call_of_a_plan_says_who_makes_it(tmp_path: Path) -> None:
    """By the file's first key, whatever else the route asks of its messages."""
    (tmp_path / "keys.json").write_text(ring(PAIR, SECRET))
    file = load(tmp_path, "{keys: file:keys.json, covers: caller}")
    (plan,) = compile_plans(file)
    call = Call(id="r", operation="s.o", route=plan.name)
    message = plan.target.dialect.request(call, correlation_id="c", reply_to="q", expiration_ms=5)
    assert Verifier(read_keys(ring(PUBLIC))).verify(call, message).op == "s.o"
    assert message.priority == 3
    told = explain.explain(file, [plan], 0).target
    assert told["caller"] == "signed with pair, about the caller"


def test_without_the_section_nothing_is_signed(tmp_path: Path) -> None:
    """And no message is a byte longer."""
    (tmp_path / "g.yaml").write_text(ROUTES)
    (plan,) = compile_plans(routefile.load(tmp_path / "g.yaml", environment={}))
    call = Call(id="r", operation="s.o")
    message = plan.target.dialect.request(call, correlation_id="c", reply_to="q", expiration_ms=5)
    assert "x-caller" not in message.headers


def test_the_environment_may_hold_the_keys(tmp_path: Path) -> None:
    """As whatever gives out secrets likes best."""
    file = load(tmp_path, "{keys: '${KEYS}'}", {"KEYS": ring(SECRET)})
    assert repr(signing.signer(file)) == "<Signer <Hmac secret> covers=call>"


def test_what_cannot_sign_is_told_with_its_place_and_without_a_secret(tmp_path: Path) -> None:
    """And a key in the file itself is refused: the file is read by many."""
    (tmp_path / "public.json").write_text(ring(PUBLIC, PAIR | {"kid": "other"}))
    (tmp_path / "bad.json").write_text("{")
    said = {
        "{keys: file:public.json}": "the first key, 'pair', is public",
        "{keys: file:bad.json}": "it is not JSON",
        "{keys: file:none.json}": "none.json cannot be read",
        f"{{keys: '{ring(SECRET)}'}}": "keys are secrets and do not stand in this file",
    }
    for callers, words in said.items():
        told = complaint(tmp_path, callers)
        assert "g.yaml:1:" in told
        assert words in told
        assert SECRET["k"] not in told
    told = complaint(tmp_path, "{keys: '${KEYS}'}", {"KEYS": ring(SECRET)[:-5]})
    assert "it is not JSON" in told
    assert SECRET["k"] not in told
