"""How keys are kept."""

from ingress.consumers.digests import Digests, digest

ONE, TWO = "the first secret of all", "the second secret of all"


def test_a_digest_depends_on_key_and_secret() -> None:
    """And is the same in every process that has the secret."""
    assert Digests([ONE]).make("key") == Digests([ONE]).make("key")
    assert Digests([ONE]).make("key") != Digests([ONE]).make("yek")
    assert Digests([ONE]).make("key") != Digests([TWO]).make("key")
    assert len(Digests([ONE]).make("\udc80")) == 32


def test_the_first_secret_makes_and_all_are_known() -> None:
    """So one can be replaced while keys of the old one live on."""
    before, after = Digests([ONE]), Digests([TWO, ONE])
    assert after.name == Digests([TWO]).name
    assert after.knows(before.name)
    assert not Digests([TWO]).knows(before.name)
    assert digest("key", after.key(before.name)) == before.make("key")


def test_without_a_secret_it_works_for_this_process() -> None:
    """Nothing that lasts may be made so."""
    assert not Digests().lasting
    assert Digests().make("key") != Digests().make("key")


def test_it_does_not_show_its_secrets() -> None:
    """Their names are hashes of what is stretched before."""
    assert ONE not in repr(Digests([ONE]))
