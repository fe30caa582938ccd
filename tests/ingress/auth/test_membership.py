import pytest

from ingress.auth.identity import Identity
from ingress.auth.membership import Membership
from ingress.auth.refusal import Refused
from tests.ingress.auth.asking import Consumer, Directory

SHOP = Consumer(groups=("b", "a"), scopes=("write",), roles=("r",), plan="gold")
ANN = Identity(id="ann", scheme="jwt", groups=("a",), scopes=("read",))


def test_a_consumer_adds_what_it_is() -> None:
    """Groups, roles and usage plan come with the consumer; a token's scopes stay as issued."""
    joined = Membership(Directory(shop=SHOP)).join(ANN, "shop")
    assert (joined.id, joined.consumer, joined.plan) == ("ann", "shop", "gold")
    assert (joined.groups, joined.roles, joined.scopes) == (("a", "b"), ("r",), ("read",))
    more = Membership(Directory(shop=SHOP)).join(ANN, "shop", scopes=True)
    assert more.scopes == ("read", "write")


def test_who_is_not_known_is_refused() -> None:
    """An unknown consumer is refused, and a disabled one."""
    directory = Directory(shop=Consumer(disabled=True))
    with pytest.raises(Refused, match="not known"):
        Membership(directory).join(ANN, "other")
    with pytest.raises(Refused, match="disabled"):
        Membership(directory).join(ANN, "shop")
    directory.generation += 1
    assert Membership(directory).generation == 1
