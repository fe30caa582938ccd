import time
from pathlib import Path
from typing import Any

import pytest

from contracts.stores import open_store
from ingress.auth.signature.build import build
from ingress.auth.signature.sections import SignatureSection
from tests.ingress.auth.asking import Directory, Request
from tests.ingress.auth.jose.minting import pem
from tests.ingress.auth.signature.vectors import ED25519, SECRET


def made(folder: Path, **settings: Any) -> Any:
    section = SignatureSection.model_validate(settings)
    return build("partners", section, Directory(), folder, open_store("memory://"))


async def test_keys_are_secrets_and_files(tmp_path: Path) -> None:
    """Both kinds of keys are taken, and told of by name and algorithm alone."""
    (tmp_path / "ed.pem").write_bytes(ED25519)
    one = made(
        tmp_path,
        keys=[
            {"id": "a", "algorithm": "hmac-sha256", "secret": SECRET},
            {"id": "b", "algorithm": "ed25519", "file": "ed.pem"},
        ],
    )
    assert one.settings()["keys"] == "a (hmac-sha256), b (ed25519)"
    assert SECRET not in repr((one, one.settings(), one._signers))
    assert one.authenticate(Request()) is None
    assert time.time() > 0
    await one.close()


@pytest.mark.parametrize(
    "key, said",
    [
        ({"algorithm": "rsa-pss-sha512", "file": "ec.pem"}, "not one for rsa-pss-sha512"),
        ({"algorithm": "ecdsa-p384-sha384", "file": "ec.pem"}, "not one for ecdsa-p384"),
        ({"algorithm": "hmac-sha256", "file": "ec.pem"}, "not one for hmac-sha256"),
        ({"algorithm": "ed25519", "file": "none.pem"}, r"none\.pem: cannot be read"),
        ({"algorithm": "ed25519", "file": "bad.json"}, r"bad\.json"),
        ({"algorithm": "ed25519", "file": "two.json"}, "one key in it"),
    ],
)
def test_a_key_that_does_not_fit_is_an_error(
    tmp_path: Path, key: dict[str, Any], said: str
) -> None:
    """A wrong file is found at the start, with a sentence."""
    (tmp_path / "ec.pem").write_bytes(pem("ES256"))
    (tmp_path / "bad.json").write_text("{}")
    (tmp_path / "two.json").write_text('{"keys":[]}')
    with pytest.raises(ValueError, match=said):
        made(tmp_path, keys=[{"id": "a", **key}])
