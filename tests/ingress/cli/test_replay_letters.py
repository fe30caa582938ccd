"""Dead letters sent again with the words of replay, on a real RabbitMQ."""

from pathlib import Path

import pytest

from contracts.call import Call
from contracts.dead_letter import Death, buried
from contracts.dialects import dialect
from tests.ingress.cli.conftest import Cli
from tests.ingress.cli.letter_queue import fill, ids
from tests.ingress.cli.recorded_shop import shop
from tests.ingress.graveyard import dead


def test_dead_letters_are_replayed(
    cli: Cli, vhost_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Letters that are calls go to the target, the others are told; all stay where they are."""
    monkeypatch.setenv("BROKER_URL", vhost_url)
    call = Call(id="r-1", operation="shop.create", path="/v1/orders", body=b"{}")
    asked = dialect("queuegate").request(call, correlation_id="1", reply_to="", expiration_ms=1)
    fill(
        vhost_url,
        buried(asked, Death(reason="worker_error", queue="shop", at=1_764_000_000_000)),
        dead("garbage"),
    )
    with shop() as one:
        words = ("--dlq", "shop", "--to", one.url)
        told = cli("replay", "run", *words, "--dry-run")
        assert told.code == 0
        assert "garbage is passed over" in told.err
        assert "0 of 1 calls would be sent" in told.out
        told = cli("replay", "run", *words, "--unsafe", "--name", "a")
        assert (told.code, one.asked) == (0, ["POST /v1/orders"])
        assert cli("replay", "run", *words, "--unsafe").code == 2
    assert sorted(ids(vhost_url)) == ["garbage", "r-1"]
    told = cli("replay", "run", "--dlq", "nowhere", "--to", "http://x")
    assert (told.code, "there is no queue nowhere.dead" in told.err) == (1, True)
