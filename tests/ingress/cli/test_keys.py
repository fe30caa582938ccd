"""``queuegate keys``."""

import json
from pathlib import Path

import pytest

from ingress.consumers import token
from tests.ingress.cli import shop_with_keys
from tests.ingress.cli.conftest import Cli


@pytest.fixture(autouse=True)
def _shop(cli: Cli, tmp_path: Path) -> None:
    shop_with_keys.write(tmp_path)


def test_a_key_is_printed_once_and_alone(cli: Cli) -> None:
    """So that it can be piped; what there is to say stands on stderr."""
    told = cli("keys", "issue", "fay", "--label", "ci", "--expires-in", "90d")
    key = told.out.strip()
    assert (told.code, told.out.count("\n"), token.is_sound(key)) == (0, 1, True)
    assert key.startswith("acme_")
    assert "cannot be shown again" in told.err
    listed = cli("keys", "list", "--consumer", "fay")
    assert token.id_of(key) in listed.out
    assert key not in listed.out + cli("keys", "list", "--json").out


def test_a_key_is_rotated_and_revoked(cli: Cli) -> None:
    """By its id."""
    first = token.id_of(cli("keys", "issue", "fay").out.strip())
    told = cli("keys", "rotate", first, "--overlap", "1h", "--json")
    made = json.loads(told.out)
    assert (made["replaces"], bool(made["overlap_until"])) == (first, True)
    again = cli("keys", "rotate", made["id"])
    assert f"key {made['id']} is good until" in again.err
    assert cli("keys", "revoke", first, "--yes").out == f"revoked {first}\n"
    listed = json.loads(cli("keys", "list", "--json").out)
    assert [one["id"] for one in listed] == ["fay-1", made["id"], token.id_of(again.out.strip())]


@pytest.mark.parametrize(
    "words, code, said",
    [
        (("issue", "nobody"), 1, "there is no consumer nobody"),
        (("issue", "fay", "--expires-in", "soon"), 2, "a duration is written"),
        (("revoke", "nope", "-y"), 1, "there is no key nope"),
        (("revoke", "nope"), 2, "say --yes"),
        (("rotate", "fay-1"), 1, "the route file's: change it there"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    cli: Cli, words: tuple[str, ...], code: int, said: str
) -> None:
    """1 for what failed, 2 for what was wrongly asked."""
    told = cli("keys", *words)
    assert (told.code, said in told.err) == (code, True)
