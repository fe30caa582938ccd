"""Makes the authenticator that a section of the route file asks for."""

from pathlib import Path
from typing import Final

import msgspec

from contracts.stores.port import Store
from ingress import units
from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.key import Key, of_secret
from ingress.auth.jwt.source import read_file
from ingress.auth.membership import Directory, Membership
from ingress.auth.signature.authenticator import SignatureAuthenticator, Signer
from ingress.auth.signature.demands import Demands
from ingress.auth.signature.replays import Replays
from ingress.auth.signature.sections import SignatureKeySection, SignatureSection

# RFC 9421 section 3.3: the same primitives as of JOSE, by other names.
_ALGORITHMS: Final = {
    "hmac-sha256": "HS256",
    "ed25519": "Ed25519",
    "rsa-pss-sha512": "PS512",
    "rsa-v1_5-sha256": "RS256",
    "ecdsa-p256-sha256": "ES256",
    "ecdsa-p384-sha384": "ES384",
}


def build(
    name: str, section: SignatureSection, directory: Directory, folder: Path, store: Store
) -> SignatureAuthenticator:
    """Raises ``ValueError`` with a sentence for keys that cannot be used."""
    return SignatureAuthenticator(
        name,
        signers={key.id: _signer(key, folder) for key in section.keys},
        demands=Demands(
            components=section.components,
            digest=section.digest,
            max_age=section.max_age,
            leeway=section.leeway,
            nonce=section.nonce,
            tag=section.tag or "",
        ),
        replays=Replays(store, name),
        membership=Membership(directory),
        realm=section.realm,
        forward=section.forward,
        told={
            "kind": "signature",
            "keys": ", ".join(f"{key.id} ({key.algorithm})" for key in section.keys),
            "components": ", ".join(section.components),
            "max_age": units.write_duration(section.max_age),
        },
    )


def _signer(section: SignatureKeySection, folder: Path) -> Signer:
    algorithm = ALGORITHMS[_ALGORITHMS[section.algorithm]]
    key = msgspec.structs.replace(_key(section, folder), kid=section.id)
    if not key.fits(algorithm):
        raise ValueError(f"the key {section.id} is not one for {section.algorithm}")
    return Signer(key, algorithm, section.algorithm, section.consumer or "")


def _key(section: SignatureKeySection, folder: Path) -> Key:
    if section.secret is not None:
        return of_secret(section.secret.encode())
    path = folder / (section.file or "")
    keys = read_file(path)
    if len(keys) != 1:
        raise ValueError(f"{path}: there must be one key in it")
    return keys[0]
