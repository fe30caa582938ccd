"""Authenticators of a route file that is only looked at."""

from pathlib import Path

import pytest

from ingress import routefile
from ingress.auth.rehearsal import rehearse
from ingress.problems import ConfigError
from tests.ingress.auth.jose.minting import pem

TEXT = b"""auth:
  sso: {jwt: {algorithms: [ES256], keys: {file: issuer.pem}}}
routes: [{route: GET /, operation: a.b, auth: sso}]
"""


def test_a_file_of_keys_that_is_not_there_is_found(tmp_path: Path) -> None:
    """Before a gateway is started with it, with the line of its authenticator."""
    route_file = routefile.parse(TEXT)
    with pytest.raises(ConfigError, match=r"gateway.yaml:2.*issuer\.pem: cannot be read"):
        rehearse(route_file, tmp_path)
    (tmp_path / "issuer.pem").write_bytes(pem("ES256"))
    assert list(rehearse(route_file, tmp_path)) == ["sso"]
