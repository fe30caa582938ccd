"""Makes the authenticator that a section of the route file asks for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingress.auth.http_client import HttpClient
from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.key import Key, of_secret
from ingress.auth.jose.keyset import KeySet
from ingress.auth.jwt.authenticator import JwtAuthenticator
from ingress.auth.jwt.mapping import Mapped
from ingress.auth.jwt.remote import RemoteKeys, Terms
from ingress.auth.jwt.rules import Rules
from ingress.auth.jwt.sections import ClaimsSection, JwtKeysSection, JwtSection
from ingress.auth.jwt.source import FileKeys, FixedKeys, Source
from ingress.auth.jwt.verifier import Verifier
from ingress.auth.membership import Directory, Membership
from ingress.auth.web_address import shown


def build(name: str, section: JwtSection, directory: Directory, folder: Path) -> JwtAuthenticator:
    """Raises ``ValueError`` with a sentence for keys that cannot be used."""
    verifier = Verifier(section.algorithms, _rules(section), mapped(section.claims))
    return JwtAuthenticator(
        name,
        place=section.place,
        source=source(section.keys, section.algorithms, folder),
        verifier=verifier,
        membership=Membership(directory),
        remember=section.remember,
        capacity=section.capacity,
        forward=section.forward,
        told=_told(section),
    )


def mapped(claims: ClaimsSection) -> Mapped:
    return Mapped(
        subject=claims.subject,
        scopes=claims.scopes,
        roles=claims.roles,
        groups=claims.groups,
        consumer=claims.consumer or "",
    )


def source(section: JwtKeysSection, algorithms: tuple[str, ...], folder: Path) -> Source:
    """Make what gives the keys; keys that are there already are looked at now."""

    def check(keys: KeySet) -> None:
        for name in algorithms:
            if not _any_fits(keys, name):
                raise ValueError(_unfit(name))

    if section.secrets is not None:
        keys = KeySet(_secret(text) for text in section.secrets)
        for key in keys:
            check(KeySet([key]))
        return FixedKeys(keys)
    if section.file is not None:
        return FileKeys(folder / section.file, check)
    terms = Terms(
        refresh=section.refresh,
        stale=section.stale,
        cooldown=section.cooldown,
        timeout=section.within,
    )
    return RemoteKeys(section.url or "", HttpClient(), terms)


def _secret(text: str) -> Key:
    return of_secret(text.encode())


def _any_fits(keys: KeySet, name: str) -> bool:
    return any(key.fits(ALGORITHMS[name]) for key in keys)


def _unfit(name: str) -> str:
    algorithm = ALGORITHMS[name]
    if algorithm.at_least:
        return f"a shared secret for {name} must have at least {algorithm.at_least} bytes"
    kind = " or ".join(algorithm.curves) or algorithm.kty
    return f"there is no key for {name}: it needs one of {kind}"


def _rules(section: JwtSection) -> Rules:
    return Rules(
        issuers=section.issuers,
        audiences=None if section.any_audience else section.audiences,
        leeway=section.leeway,
        max_lifetime=section.max_lifetime or 0.0,
        required=section.required,
        types=tuple(one.lower().removeprefix("application/") for one in section.types),
    )


def _told(section: JwtSection) -> Mapping[str, Any]:
    keys = section.keys
    told = {
        "kind": "jwt",
        "algorithms": ", ".join(section.algorithms),
        "keys": (keys.url and shown(keys.url)) or keys.file or "secrets of the settings",
        "issuers": ", ".join(section.issuers) or "any",
        "audiences": "any" if section.any_audience else ", ".join(section.audiences) or "none",
        "header": section.header,
    }
    return {**told, "cookie": section.cookie} if section.cookie else told
