import json
import time
from pathlib import Path
from typing import Any

import pytest

from ingress.auth.identity import Identity
from ingress.auth.jwt.build import build
from ingress.auth.jwt.sections import JwtSection
from tests.ingress.auth.asking import Directory, bearer
from tests.ingress.auth.jose.minting import SECRET, mint, pem, public
from tests.ingress.auth.jose.vectors import VECTORS


def made(folder: Path, **settings: Any) -> Any:
    return build("sso", JwtSection.model_validate(settings), Directory(), folder)


async def test_secrets_verify(tmp_path: Path) -> None:
    """Each of several secrets verifies, so that one can take the place of another."""
    old = "an old secret of more than thirty-two characters"
    one = made(tmp_path, algorithms=["HS256"], keys={"secrets": [SECRET.decode(), old]})
    for key in (SECRET, old.encode()):
        token = mint({"sub": "ann", "exp": time.time() + 60}, key=key)
        assert isinstance(one.authenticate(bearer(token)), Identity)
    await one.close()


async def test_a_file_is_beside_the_route_file(tmp_path: Path) -> None:
    """A relative path begins in the folder of the route file."""
    (tmp_path / "key.pem").write_bytes(pem("ES256"))
    one = made(tmp_path, algorithms=["ES256"], keys={"file": "key.pem"})
    token = mint({"sub": "ann", "exp": time.time() + 60}, "ES256")
    assert isinstance(one.authenticate(bearer(token)), Identity)
    await one.close()


def test_keys_that_do_not_fit_are_an_error_at_once(tmp_path: Path) -> None:
    """A key of another kind, or a secret too short for its algorithm, is found at the start."""
    (tmp_path / "rsa.pem").write_bytes(pem("RS256"))
    with pytest.raises(ValueError, match="no key for ES256: it needs one of P-256"):
        made(tmp_path, algorithms=["RS256", "ES256"], keys={"file": "rsa.pem"})
    with pytest.raises(ValueError, match="for HS512 must have at least 64 bytes"):
        made(tmp_path, algorithms=["HS512"], keys={"secrets": ["x" * 32]})
    with pytest.raises(ValueError, match="key of another kind"):
        made(tmp_path, algorithms=["HS256"], keys={"secrets": [pem("RS256").decode()]})
    (tmp_path / "oct.json").write_text(json.dumps({"kty": "oct", "k": "YQ"}))
    with pytest.raises(ValueError, match="at least 32 bytes"):
        made(tmp_path, algorithms=["HS256"], keys={"file": "oct.json"})


async def test_what_is_told_holds_no_secret(tmp_path: Path) -> None:
    """`routes explain` names places and rules, never a key."""
    text = SECRET.decode()
    one = made(tmp_path, algorithms=["HS256"], keys={"secrets": [text]}, issuers=["me"])
    assert text not in repr((one.settings(), one))
    assert one.settings()["issuers"] == "me"
    url = "https://id.example/keys?token=abc"
    two = made(tmp_path, algorithms=["ES256"], keys={"url": url}, cookie="id")
    assert two.settings()["keys"] == "https://id.example/keys"
    assert two.settings()["cookie"] == "id"
    await two.close()


def test_each_setting_has_its_effect(tmp_path: Path) -> None:
    """Rules and names of claims of the section reach the verifier."""
    assert public("HS256").kty == VECTORS[0].jwk["kty"]
    now = time.time()
    one = made(
        tmp_path,
        algorithms=["HS256"],
        keys={"secrets": [SECRET.decode()]},
        issuers=["me"],
        audiences=["orders"],
        max_lifetime="1h",
        required=["exp", "jti"],
        types=["application/special+jwt"],
        claims={"subject": ["client"], "scopes": ["may"], "roles": [], "groups": ["in.groups"]},
    )
    claims = {
        "client": "app",
        "may": "a b",
        "roles": 5,
        "in": {"groups": ["g"]},
        "iss": "me",
        "aud": "orders",
        "jti": "1",
        "exp": now + 60,
    }
    header = {"typ": "special+jwt"}
    found = one.authenticate(bearer(mint(claims, header=header)))
    assert (found.id, found.scopes, found.groups, found.roles) == ("app", ("a", "b"), ("g",), ())
    for change in ({"iss": "x"}, {"aud": "x"}, {"exp": now + 7200}, {"jti": None}):
        with pytest.raises(Exception, match="token"):
            one.authenticate(bearer(mint({**claims, **change}, header=header)))
    with pytest.raises(Exception, match="type"):
        one.authenticate(bearer(mint(claims, header={"typ": "JWT"})))
