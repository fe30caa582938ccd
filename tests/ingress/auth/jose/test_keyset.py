from ingress.auth.jose.algorithms import ALGORITHMS
from ingress.auth.jose.key import of_secret
from ingress.auth.jose.keyset import MOST_TRIED, KeySet
from tests.ingress.auth.jose.minting import public

HS256, ES256, RS256 = (ALGORITHMS[name] for name in ("HS256", "ES256", "RS256"))


def test_a_name_finds_its_key() -> None:
    """The name picks one key, an unknown one none."""
    one, two = public("ES256", kid="one"), public("ES256", kid="two")
    keys = KeySet([one, two])
    assert keys.candidates("two", ES256) == (two,)
    assert keys.candidates("three", ES256) == ()
    assert (list(keys), len(keys)) == ([one, two], 2)


def test_a_name_that_two_keys_have_finds_none() -> None:
    """Whoever could add a second key of a name could else sign in its place."""
    twice = KeySet([public("ES256", kid="one"), public("ES256", kid="one")])
    assert twice.candidates("one", ES256) == ()


def test_keys_of_two_kinds_may_share_a_name() -> None:
    """Equivalent keys of different kinds have one name (RFC 7517 section 4.5)."""
    curve, rsa = public("ES256", kid="one"), public("RS256", kid="one")
    keys = KeySet([curve, rsa])
    assert (keys.candidates("one", ES256), keys.candidates("one", RS256)) == ((curve,), (rsa,))


def test_the_algorithm_decides_over_the_name() -> None:
    """A name of a key that the algorithm cannot use finds nothing."""
    assert KeySet([public("RS256", kid="one")]).candidates("one", HS256) == ()


def test_a_token_without_a_name_is_tried_with_few_keys() -> None:
    """All that fit are tried, unless they are many."""
    keys = [public("HS256", kid=str(number)) for number in range(MOST_TRIED + 1)]
    assert len(KeySet(keys[1:]).candidates(None, HS256)) == MOST_TRIED
    assert KeySet(keys).candidates(None, HS256) == ()


def test_a_key_without_a_name_is_for_any_name() -> None:
    """A secret from the settings verifies tokens that name some key, if none has that name."""
    nameless, named = of_secret(b"n" * 32), of_secret(b"o" * 32, kid="one")
    keys = KeySet([nameless, named])
    assert keys.candidates("other", HS256) == (nameless,)
    assert keys.candidates("one", HS256) == (named,)
    assert repr(keys) == "<KeySet of 2>"
