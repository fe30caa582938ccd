"""Addresses of brokers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingress import address


@pytest.mark.parametrize(
    "url",
    [
        "memory://",
        "amqp://host",
        "amqps://user:p%40ss@host:5671/vhost?heartbeat=5",
        "amqp://[::1]:5672/",
        "amqp://a:5672/x,amqp://b",
    ],
)
def test_what_can_be_a_broker_is_given_back(url: str) -> None:
    """The embedded one, RabbitMQ, and several addresses of one cluster."""
    assert address.check(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "kafka://h",
        "amqp:h",
        "amqp://",
        "amqp://:secret@",
        "amqp://u:secret@",
        "amqp://h:99999",
        "amqp://h:secret",
        "amqp://h:0",
        "amqp://[::1",
        "amqp://a,",
        "amqp://a,http://b",
    ],
)
def test_what_cannot_be_one_is_refused_without_being_repeated(url: str) -> None:
    """The sentence shows how an address is written, and nothing of this one."""
    with pytest.raises(ValueError, match="amqp://") as caught:
        address.check(url)
    assert "secret" not in str(caught.value)


@given(st.text())
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    """Nothing else comes of garbage."""
    for url in (text, f"amqp://{text}"):
        try:
            assert address.check(url) == url
        except ValueError as error:
            assert "amqp://" in str(error)  # noqa: PT017 - either way is right
