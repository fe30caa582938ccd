"""Keys for tests of statements: RFC 8037's pair, and a secret."""

import json
from typing import Final

# RFC 8037 appendix A.1.
PAIR: Final = {
    "kty": "OKP",
    "crv": "Ed25519",
    "kid": "pair",
    "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
}
PUBLIC: Final = {name: value for name, value in PAIR.items() if name != "d"}
SECRET: Final = {
    "kty": "oct",
    "kid": "secret",
    "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I",
}


def ring(*keys: dict[str, str]) -> str:
    """Write a JSON Web Key Set."""
    return json.dumps({"keys": keys})
