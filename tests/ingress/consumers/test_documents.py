"""How consumers, keys and plans are told."""

import time

from ingress.consumers.documents import consumer_document, key_document, plan_document
from ingress.consumers.records import Consumer, Key, UsagePlan

KEY = Key(id="k1", consumer="anna", digest=b"digest", secret="s", created=86_400.0)


def test_a_consumer_is_told_without_its_password() -> None:
    """That there is one is told, and how many keys."""
    anna = Consumer(name="anna", password="$argon2id$...", groups=("a",))
    told = consumer_document(anna, "store", [KEY, Key(id="2", consumer="b", digest=b"", secret="")])
    assert (told["password"], told["keys"], told["groups"]) == (True, 1, ["a"])
    assert "argon2" not in str(told)


def test_a_key_is_told_without_its_digest() -> None:
    """With its state and its times."""
    told = key_document(KEY, "store", 172_800.0, usable=True)
    assert told == {
        "id": "k1",
        "consumer": "anna",
        "origin": "store",
        "state": "active",
        "label": "",
        "created": "1970-01-02T00:00:00Z",
        "expires": None,
        "last_used": "1970-01-03T00:00:00Z",
        "replaces": "",
    }
    over = Key(id="k", consumer="a", digest=b"", secret="", expires=time.time() - 1)
    assert key_document(over, "file", 0.0, usable=True)["state"] == "expired"
    assert key_document(over, "file", 0.0, usable=False)["state"] == "secret missing"


def test_a_plan_is_told_as_it_is_written() -> None:
    """Rates and quotas with their units."""
    told = plan_document(UsagePlan(name="gold", rates=("10/s",), quotas=("5/day",)), "file")
    assert (told["name"], told["rates"], told["quotas"]) == ("gold", ["10/s"], ["5/day"])
