"""What came of a call to the worker."""

from contracts.call import Reply
from contracts.fault import Fault
from ingress.cache.asked import Asked
from ingress.cache.freshness import Said
from ingress.cache.landed import Landed, Landing, land
from ingress.cache.storing import Rules, Where
from tests.ingress.cache.cached import reply
from tests.ingress.cache.entries import entry
from tests.ingress.scripted import flow

WHERE = Where("shop", "/a", "")
RULES = Rules(said=Said(negative_ttl=5))


def landed(
    answer: Reply | Fault, *, attempts: int = 1, added: tuple[str, str] | None = None, **old: object
) -> Landed:
    inner = flow()
    inner.attempts = attempts
    if isinstance(answer, Fault):
        inner.fault = answer
    else:
        inner.reply = answer
    if added:
        inner.headers.append(added)
    stale = entry(**old) if old else None
    landing = Landing(where=WHERE, asked=Asked(), sent=(), rules=RULES, stale=stale)
    return land(landing, inner, 2000.0, 2000.0)


def test_who_asked_gets_all_that_was_said() -> None:
    """Also what is not stored for others."""
    found = landed(reply(cache_control='max-age=9, no-cache="x-user"', x_user="anna"))
    assert found.entry is not None
    assert found.own is not None
    assert ("x-user", "anna") in found.own.fields
    assert ("x-user", "anna") not in found.entry.fields


def test_what_policies_behind_the_cache_add_is_stored_too() -> None:
    """It belongs to the answer."""
    found = landed(reply(cache_control="max-age=9", x="old"), added=("x", "new"))
    assert found.entry is not None
    assert dict(found.entry.fields)["x"] == "new"


def test_a_place_is_unstorable_when_the_next_answer_will_be_too() -> None:
    """A failure, or what one client forbids, says nothing of the next."""
    assert landed(reply(cache_control="private")).unstorable
    assert not landed(reply(cache_control="max-age=9")).unstorable
    assert not landed(Fault("no_worker")).unstorable
    assert not landed(reply(status=503), lifetime=1.0, on_error=9999.0).unstorable


def test_only_a_worker_s_word_is_stored() -> None:
    """What a policy behind the cache refuses, it refuses one caller."""
    assert landed(Fault("not_found")).entry is not None
    assert landed(Fault("not_found"), attempts=0).entry is None


def test_a_304_without_anything_held_is_passed_on() -> None:
    """Nobody asked for it; it is not stored."""
    found = landed(reply("", 304))
    assert (found.entry, found.refusal) == (None, "status")
    assert landed(reply("", 304), lifetime=1.0).validated


def test_faults_that_all_may_hear_of() -> None:
    """Those of the worker or the way to it, without what they say of one request."""
    shared = landed(Fault("deadline", "anna's order")).shared_fault()
    assert shared is not None
    assert (shared.code, shared.detail) == ("deadline", "")
    for fault in (Fault("forbidden"), Fault("out_of_tea", status=500)):
        assert landed(fault).shared_fault() is None
    assert landed(reply()).shared_fault() is None
