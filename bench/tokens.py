"""What a token costs the edge: ``python -m bench.tokens``.

In CPU time of the policy that asks who is calling: for a token that was seen before, and for one of
each kind that was not. Exit code 1 when the former is over 15 µs.
"""

import argparse
import base64
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts.call import Call
from ingress.auth.jwt.build import build
from ingress.auth.jwt.sections import JwtSection
from ingress.consumers.directory import Directory
from ingress.flow import Flow
from ingress.policies.auth import Auth

GOAL_MICROSECONDS: Final = 15.0

_SECRET: Final = "a secret that is long enough for every hash there is, and then some."  # noqa: S105
_PKCS1: Final = padding.PKCS1v15()
_ROUNDS: Final = 7

# What a browser sends along.
_FIELDS: Final = tuple((f"x-field-{number}", "some value") for number in range(8))

Sign = Callable[[bytes], bytes]


def main(argv: list[str] | None = None) -> int:
    """Measure and print; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.tokens", description=__doc__)
    parser.add_argument("--times", type=int, default=20_000)
    options = parser.parse_args(argv)
    print(f"{'a call with a token, µs of CPU':<32} {'seen before':>12} {'new':>8}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for algorithm, (public, sign) in _keys().items():
            settings = _settings(algorithm, public, Path(folder))
            token = _mint(algorithm, sign)
            known = _measure(_policy({**settings, "remember": "5m"}, folder), token, options.times)
            fresh = _policy({**settings, "remember": "0s"}, folder)
            new = _measure(fresh, token, options.times // 20)
            worst = max(worst, known)
            print(f"{algorithm:<32} {known:>12.1f} {new:>8.0f}")
    well = worst <= GOAL_MICROSECONDS
    print("as it should be" if well else f"over {GOAL_MICROSECONDS:.0f} µs")
    return 0 if well else 1


def _keys() -> dict[str, tuple[Any, Sign]]:
    """Make a key of each kind, with what signs."""
    curve, edwards = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    big = rsa.generate_private_key(65537, 2048)
    return {
        "HS256": (None, _mac),
        "RS256": (big.public_key(), lambda data: big.sign(data, _PKCS1, hashes.SHA256())),
        "ES256": (
            curve.public_key(),
            lambda data: _raw(curve.sign(data, ec.ECDSA(hashes.SHA256()))),
        ),
        "EdDSA": (edwards.public_key(), edwards.sign),
    }


def _mac(data: bytes) -> bytes:
    mac = hmac.HMAC(_SECRET.encode(), hashes.SHA256())
    mac.update(data)
    return mac.finalize()


def _raw(der: bytes) -> bytes:
    return b"".join(number.to_bytes(32) for number in decode_dss_signature(der))


def _mint(algorithm: str, sign: Sign) -> str:
    claims = {
        "iss": "https://id.example.com",
        "sub": "5f2c7d1e-9a35-4c0a-8f1e-2c1a7b9d4e66",
        "aud": ["orders"],
        "scope": "orders:read orders:write profile",
        "exp": int(time.time()) + 3600,
    }
    signed = f"{_encode({'alg': algorithm, 'typ': 'at+jwt'})}.{_encode(claims)}"
    return f"{signed}.{_base64(sign(signed.encode()))}"


def _encode(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _settings(algorithm: str, public: Any, folder: Path) -> dict[str, Any]:  # noqa: ANN401
    keys: dict[str, Any] = {"secrets": [_SECRET]}
    if public is not None:
        file = folder / f"{algorithm}.pem"
        file.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        keys = {"file": file.name}
    return {"algorithms": [algorithm], "keys": keys, "audiences": ["orders"]}


def _policy(settings: dict[str, Any], folder: str) -> Auth:
    section = JwtSection.model_validate(settings)
    return Auth(("sso",), (build("sso", section, Directory(), Path(folder)),))


def _measure(policy: Auth, token: str, times: int) -> float:
    """Give the µs of CPU that a call costs more than one without the policy; the best of some."""
    call = Call(id="1", operation="a.b", headers=(*_FIELDS, ("authorization", f"Bearer {token}")))

    def with_it() -> None:
        policy.admit(Flow(call, None, 0.0))

    def without() -> None:
        Flow(call, None, 0.0)

    with_it()
    return min(_time(with_it, times) - _time(without, times) for _ in range(_ROUNDS))


def _time(do: Callable[[], None], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times * 1e6


if __name__ == "__main__":
    raise SystemExit(main())
