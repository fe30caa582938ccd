import pytest

from contracts.brokers.rabbitmq.address import addresses, shown, wants_lane


@pytest.mark.parametrize(
    "given, count",
    [
        ("amqp://localhost", 1),
        ("amqp://a:1/x, amqps://b/y,", 2),
        (["amqp://a", "amqp://b", "amqp://c"], 3),
    ],
)
def test_one_or_several(given: str | list[str], count: int) -> None:
    """One address, several with commas, or a list of them."""
    assert len(addresses(given)) == count


def test_what_is_filled_in() -> None:
    """Ports and a short heartbeat are filled in, unless they are given."""
    plain, tls, full = addresses(["amqp://a", "amqps://b", "amqp://c:9/v?heartbeat=3"])
    assert (plain.port, plain.query["heartbeat"]) == (5672, "10")
    assert tls.port == 5671
    assert (full.port, full.query["heartbeat"], full.path) == (9, "3", "/v")


def test_the_lane_is_a_setting() -> None:
    """The lane is on unless an address says otherwise, and the broker never sees the setting."""
    assert wants_lane("amqp://a?lane=on, amqp://b")
    assert not wants_lane(["amqp://a", "amqp://b?heartbeat=3&lane=off"])
    (url,) = addresses("amqp://a?lane=off&heartbeat=3")
    assert dict(url.query) == {"heartbeat": "3"}
    with pytest.raises(ValueError, match="on or off"):
        wants_lane("amqp://a?lane=fast")


@pytest.mark.parametrize("heartbeat", ["-1", "65535", "soon", "1.5", ""])
def test_heartbeats_are_seconds(heartbeat: str) -> None:
    """A heartbeat that is no number of seconds is refused, and not taken for none at all."""
    with pytest.raises(ValueError, match="heartbeat"):
        addresses(f"amqp://a?heartbeat={heartbeat}")


def test_what_is_shown() -> None:
    """Logs show host and vhost; never user, password or parameters."""
    (url,) = addresses("amqp://ann:s3cret@rabbit.test/shop?heartbeat=3&keyfile=x")
    assert shown(url) == "amqp://rabbit.test:5672/shop"


@pytest.mark.parametrize(
    "text", ["", " , ", "rabbit.test", "http://ann:s3cret@x", "amqp://", "amqp://a:s3cret:b@x:y:z"]
)
def test_what_is_no_address(text: str) -> None:
    """What is no AMQP URL is refused, in words that hold no password."""
    with pytest.raises(ValueError, match=r".+") as refusal:
        addresses(text)
    assert "s3cret" not in str(refusal.value)
    assert refusal.value.__cause__ is None
