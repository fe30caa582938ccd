import msgspec
import pytest

from ingress.auth.refusal import Refused
from ingress.auth.signature import structured
from ingress.auth.signature.demands import Demands
from tests.ingress.auth.signature.vectors import REQUEST

NOW = 1000.0
EMPTY = msgspec.structs.replace(REQUEST, body=b"")
DEMANDS = Demands(components=("@method", "@path"), max_age=60, leeway=5)


def check(text: str, demands: Demands = DEMANDS, *, body: bool = False) -> None:
    said = structured.lists(f"s={text}")["s"]
    demands.check(REQUEST if body else EMPTY, said, NOW)


def test_what_must_be_covered_is() -> None:
    """More may be covered; less, or a part of it, may not."""
    check('("@method" "@path" "date");created=1000')
    for covered in ('"@method"', "", '"@method" "@path";req', '"@method" "@query"'):
        with pytest.raises(Refused, match="does not cover @"):
            check(f"({covered});created=1000")


def test_a_body_must_be_covered() -> None:
    """A signature that leaves the body open is for any body."""
    check('("@method" "@path" "content-digest");created=1000', body=True)
    with pytest.raises(Refused, match="does not cover content-digest"):
        check('("@method" "@path");created=1000', body=True)
    check('("@method" "@path");created=1000', Demands(components=(), digest=False), body=True)


@pytest.mark.parametrize("created", [1005, 1000, 936])
def test_a_signature_is_good_for_a_while(created: int) -> None:
    """From its creation to its greatest age, with the leeway at both ends."""
    check(f'("@method" "@path");created={created}')


@pytest.mark.parametrize(
    "times",
    [
        ";created=1006",
        ";created=935",
        ";created=1000;expires=995",
        "",
        ";created",
        ';created="1000"',
        ";created=-1",
        ";created=1000;expires",
        ';created=1000;expires="2000"',
        ";expires=2000",
    ],
)
def test_a_signature_out_of_its_time_is_refused(times: str) -> None:
    """From the future, too old, expired, or without a time: each is refused."""
    with pytest.raises(Refused, match=r"created|old|expired"):
        check(f'("@method" "@path"){times}')


def test_a_nonce_and_a_tag_may_be_asked_for() -> None:
    """They must be there then, and the tag be the right one."""
    fine = '("@method" "@path");created=1000;nonce="n";tag="shop"'
    demands = Demands(components=(), nonce=True, tag="shop")
    check(fine, demands)
    for wrong in (
        ';tag="shop"',
        ';nonce="";tag="shop"',
        ';nonce=5;tag="shop"',
        ";nonce;tag",
        ';nonce="n"',
        ';nonce="n";tag="Shop"',
        f';nonce="{"n" * 257}";tag="shop"',
    ):
        with pytest.raises(Refused, match=r"nonce|tag"):
            check(f"();created=1000{wrong}", demands)


def test_how_long_a_replay_must_be_remembered() -> None:
    """From the earliest that it may come to the latest that it is good."""
    assert DEMANDS.lasting == 70
