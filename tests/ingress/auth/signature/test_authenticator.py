import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from contracts.fault import Fault
from contracts.stores import open_store
from ingress.auth.identity import Identity
from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.key import Key, of_secret
from ingress.auth.jose.public_key import of_pem
from ingress.auth.membership import Membership
from ingress.auth.refusal import Refused
from ingress.auth.signature import base, structured
from ingress.auth.signature.authenticator import SignatureAuthenticator, Signer
from ingress.auth.signature.demands import Demands
from ingress.auth.signature.replays import Replays
from tests.ingress.auth.asking import Consumer, Directory, Request
from tests.ingress.auth.jose.minting import SECRET as OURS
from tests.ingress.auth.jose.minting import private_key, public, signer
from tests.ingress.auth.signature import vectors
from tests.ingress.auth.signature.vectors import CREATED, REQUEST, VECTORS, Vector

NAMES: Mapping[str, str] = {
    "rsa-pss-sha512": "PS512",
    "hmac-sha256": "HS256",
    "ed25519": "Ed25519",
    "ecdsa-p256-sha256": "ES256",
}
STANDARD: Mapping[str, Key] = {
    "test-key-rsa-pss": of_pem(vectors.RSA_PSS),
    "test-shared-secret": of_secret(base64.b64decode(vectors.SECRET)),
    "test-key-ed25519": of_pem(vectors.ED25519),
    "test-key-ecc-p256": of_pem(vectors.ECC),
}


def made(
    keys: Mapping[str, tuple[Key, str]],
    demands: Demands,
    *,
    consumer: str = "",
    now: float = CREATED,
) -> SignatureAuthenticator:
    """Make an authenticator of these keys, each with its algorithm."""
    signers = {
        kid: Signer(msgspec.structs.replace(key, kid=kid), ALGORITHMS[NAMES[name]], name, consumer)
        for kid, (key, name) in keys.items()
    }
    directory = Directory(shop=Consumer(scopes=("write",), plan="gold"))
    return SignatureAuthenticator(
        "partners",
        signers=signers,
        demands=demands,
        replays=Replays(open_store("memory://"), "partners"),
        membership=Membership(directory),
        realm="r",
        forward=False,
        told={},
        now=lambda: now,
    )


def request(said: str, signature: str, call: Any = REQUEST) -> Request:
    """Make the request with its signature, labelled sig."""
    fields = (
        *call.headers,
        ("signature-input", f"sig={said}"),
        ("signature", f"sig=:{signature}:"),
    )
    one = Request()
    one.call = msgspec.structs.replace(call, headers=fields)
    return one


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.section)
async def test_the_vectors_of_the_standard_verify(vector: Vector) -> None:
    """Each signed request of RFC 9421 appendix B is of its signer, once."""
    demands = Demands(components=(), digest=False)
    one = made({vector.keyid: (STANDARD[vector.keyid], vector.algorithm)}, demands)
    found = await one.authenticate(request(vector.input, vector.signature))
    assert (found.id, found.scheme) == (vector.keyid, "signature")
    with pytest.raises(Refused, match="sent before"):
        await one.authenticate(request(vector.input, vector.signature))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.section)
async def test_a_changed_request_is_refused(vector: Vector) -> None:
    """Whatever is covered cannot be changed, and the signature neither."""
    demands = Demands(components=(), digest=False)
    one = made({vector.keyid: (STANDARD[vector.keyid], vector.algorithm)}, demands)
    parameters = vector.input.replace("1618884473", "1618884474")
    flipped = ("A" if vector.signature[0] != "A" else "B") + vector.signature[1:]
    wrong = [request(parameters, vector.signature), request(vector.input, flipped)]
    if "date" in vector.input:
        later = [("date", "Tue, 20 Apr 2021 02:07:56 GMT")]
        fields = (*(pair for pair in REQUEST.headers if pair[0] != "date"), *later)
        changed = msgspec.structs.replace(REQUEST, headers=fields)
        wrong.append(request(vector.input, vector.signature, changed))
    for each in wrong:
        with pytest.raises(Refused):
            await one.authenticate(each)


def test_the_vector_of_a_response() -> None:
    """The primitive of B.2.4 verifies its base."""
    key, signature = STANDARD["test-key-ecc-p256"], base64.b64decode(vectors.RESPONSE_SIGNATURE)
    assert ALGORITHMS["ES256"].verify(key.material, vectors.RESPONSE_BASE, signature)


USUAL = Demands(components=("@method", "@authority", "@path", "@query"))
COVERED = '"@method" "@authority" "@path" "@query" "content-digest"'


def sign(
    call: Any = REQUEST,
    *,
    covered: str = COVERED,
    more: str = f';created={int(CREATED)};keyid="k"',
    algorithm: str = "HS256",
    scheme: str = "http",
) -> Request:
    """Sign a request with a key of ours."""
    said = f"({covered}){more}"
    signed = base.write(call, scheme, structured.lists(f"sig={said}")["sig"])
    return request(said, base64.b64encode(signer(algorithm)(signed)).decode(), call)


def ours(**more: Any) -> SignatureAuthenticator:
    return made({"k": (of_secret(OURS), "hmac-sha256")}, USUAL, **more)


@pytest.mark.parametrize("name", NAMES)
async def test_each_algorithm_signs(name: str) -> None:
    """Keys of every kind are taken, each with its own algorithm."""
    algorithm = NAMES[name]
    one = made({"k": (public(algorithm), name)}, USUAL)
    assert (await one.authenticate(sign(algorithm=algorithm))).id == "k"
    for wrong in NAMES.values():
        if wrong != algorithm:
            with pytest.raises(Refused, match="signature is wrong"):
                await one.authenticate(sign(algorithm=wrong))


async def test_a_consumer_is_known_by_its_key() -> None:
    """The key's consumer is who calls, with all that is known of it."""
    found = await ours(consumer="shop").authenticate(sign())
    assert isinstance(found, Identity)
    assert (found.id, found.consumer, found.plan) == ("shop", "shop", "gold")
    assert found.scopes == ("write",)
    with pytest.raises(Refused, match="consumer is not known"):
        await ours(consumer="gone").authenticate(sign())


async def test_another_body_is_refused() -> None:
    """The digest is signed, and holds the body."""
    one = ours()
    changed = sign()
    changed.call = msgspec.structs.replace(changed.call, body=b'{"hello": "w0rld"}')
    with pytest.raises(Refused, match="not the one that was signed"):
        await one.authenticate(changed)
    bare = msgspec.structs.replace(REQUEST, headers=REQUEST.headers[:-1])
    with pytest.raises(Refused, match="not cover content-digest"):
        await one.authenticate(sign(bare, covered=COVERED.removesuffix(' "content-digest"')))


async def test_what_a_scheme_and_a_host_say_counts() -> None:
    """What was signed for https, or for another host, is not good here."""
    one = ours()
    with pytest.raises(Refused, match="signature is wrong"):
        await one.authenticate(sign(covered=f'{COVERED} "@scheme"', scheme="https"))
    secure = sign(covered=f'{COVERED} "@target-uri"', scheme="https")
    secure.secure = True
    assert await one.authenticate(secure)
    other = sign()
    fields = tuple((n, "evil.example" if n == "host" else v) for n, v in other.call.headers)
    other.call = msgspec.structs.replace(other.call, headers=fields)
    with pytest.raises(Refused, match="signature is wrong"):
        await one.authenticate(other)


async def test_the_same_twice_needs_a_nonce() -> None:
    """Equal requests within a second are a replay, unless each has a nonce of its own."""
    one = ours()
    await one.authenticate(sign())
    with pytest.raises(Refused, match="sent before"):
        await one.authenticate(sign())
    more = f';created={int(CREATED)};keyid="k"'
    for nonce in ("a", "b"):
        assert await one.authenticate(sign(more=f'{more};nonce="{nonce}"'))


async def test_another_signature_of_the_same_is_a_replay() -> None:
    """Of an ECDSA signature anybody can make a second one: it is not taken for another request."""
    one = made({"k": (public("ES256"), "ecdsa-p256-sha256")}, USUAL)
    first = sign(algorithm="ES256")
    await one.authenticate(first)
    said = dict(first.call.headers)
    raw = structured.byte_sequences(said["signature"])["sig"]
    order = private_key("ES256").curve.group_order
    twin = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    again = request(said["signature-input"][4:], base64.b64encode(twin).decode())
    with pytest.raises(Refused, match="sent before"):
        await one.authenticate(again)


@pytest.mark.parametrize(
    "fields",
    [
        [("signature-input", 'sig=();created=1;keyid="k"')],
        [("signature", "sig=:AAAA:")],
        [("signature-input", "garbage"), ("signature", "sig=:AAAA:")],
        [("signature-input", 'sig=();created=1;keyid="k"'), ("signature", "garbage")],
        [("signature-input", ""), ("signature", "sig=:AAAA:")],
        [
            ("signature-input", 'a=(), b=(), c=(), d=(), e=();keyid="k"'),
            ("signature", "a=:AAAA:"),
        ],
        [("signature-input", "sig=(), sig=()"), ("signature", "sig=:AAAA:")],
    ],
)
def test_what_is_no_signature_is_refused(fields: list[tuple[str, str]]) -> None:
    """Half a signature, garbage, and too many of them are refused."""
    with pytest.raises(Refused):
        ours().authenticate(Request(*fields))


@pytest.mark.parametrize(
    "more",
    [
        ";created=1618884473",
        ';created=1618884473;keyid="other"',
        ";created=1618884473;keyid",
        ";created=1618884473;keyid=5",
        ';created=1618884473;keyid="k";alg="ed25519"',
        ';created=1618884473;keyid="k";alg="none"',
        ';created=1618884473;keyid="k";alg',
        ';keyid="k"',
        ';created=1;keyid="k"',
    ],
)
async def test_what_a_signature_says_of_itself_must_fit(more: str) -> None:
    """Another key, another algorithm, no time: a right signature does not help."""
    with pytest.raises(Refused):
        await ours().authenticate(sign(more=more))


async def test_one_good_signature_is_enough() -> None:
    """Among several the first good one counts; a label without its signature does not."""
    good = sign()
    said, value = good.call.headers[-2][1], good.call.headers[-1][1]
    fields = (
        *REQUEST.headers,
        ("signature-input", f'a=("@method");created=1;keyid="k", b=();keyid="k", {said}'),
        ("signature", f"a=:AAAA:, {value}"),
    )
    one = Request()
    one.call = msgspec.structs.replace(REQUEST, headers=fields)
    assert (await ours().authenticate(one)).id == "k"


async def test_without_the_store_nobody_gets_in() -> None:
    """If replays cannot be told from the rest it is 503."""
    one = ours()
    one._replays = Replays(open_store("redis://127.0.0.1:1/0?timeout=0.2"), "partners")
    with pytest.raises(Fault, match="store_down"):
        await one.authenticate(sign())


async def test_it_tells_about_itself() -> None:
    """Without signatures another authenticator is asked; the challenge says what to sign."""
    one = ours()
    assert one.authenticate(Request(("host", "a"))) is None
    assert one.challenge(Refused("the signature is too old")) == (
        'Signature realm="r", components="@method @authority @path @query",'
        ' error_description="the signature is too old"'
    )
    assert one.credentials.headers == {"signature", "signature-input"}
    assert repr(one) == "<SignatureAuthenticator partners of 1 keys>"
    assert one.settings() == {}
    await one.close()
    assert hashlib.sha256(REQUEST.body).digest()
