import asyncio
from typing import Any

import pytest

from contracts.fault import Fault
from ingress.auth.forward.authenticator import ForwardAuthenticator, Terms
from ingress.auth.forward.question import Question
from ingress.auth.forward.verdict import NO, Verdict
from ingress.auth.http_client import Unreachable
from ingress.auth.identity import Identity
from ingress.auth.membership import Membership
from ingress.auth.refusal import Refused
from tests.ingress.auth.asking import Consumer, Directory, Request, bearer


class Judge:
    """Decides as told, and counts."""

    def __init__(self, verdict: Verdict | Exception) -> None:
        self.verdict = verdict
        self.asked: list[Question] = []
        self.closed = False

    async def decide(self, question: Question) -> Verdict:
        self.asked.append(question)
        await asyncio.sleep(0)
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict

    async def close(self) -> None:
        self.closed = True


ANN = Verdict({"id": "ann", "scopes": ["read"], "groups": ["a"]}, (("x-mail", "a@b"),))


def made(judge: Judge, *, forward: bool = False, **terms: Any) -> ForwardAuthenticator:
    return ForwardAuthenticator(
        "gate",
        judge=judge,
        terms=Terms(**{"send": ("authorization",), "hand_on": ("x-mail",), **terms}),
        membership=Membership(Directory(ann=Consumer(plan="gold"))),
        capacity=10,
        challenge='Bearer realm="r"',
        forward=forward,
        told={"kind": "forward_auth"},
    )


async def ask(one: ForwardAuthenticator, token: str = "t") -> Identity:
    found = one.authenticate(bearer(token))
    return found if isinstance(found, Identity) else await found


async def test_a_yes_says_who_is_calling() -> None:
    """With what the worker is to hear, and anew for each request."""
    judge = Judge(ANN)
    one = made(judge)
    for _ in range(2):
        found = await ask(one)
        assert (found.id, found.scheme, found.scopes, found.groups) == (
            "ann",
            "forward",
            ("read",),
            ("a",),
        )
        assert found.fields == (("x-mail", "a@b"),)
    assert len(judge.asked) == 2


async def test_a_no_is_refused_and_a_fault_is_told() -> None:
    """401, 403 and 503 are what they are; nothing is a yes that is none."""
    cases: list[tuple[Verdict | Exception, type[Exception], str]] = [
        (NO, Refused, "not known"),
        (Fault("forbidden"), Fault, "forbidden"),
        (Unreachable("status 500"), Fault, "auth_unavailable"),
        (Verdict({}), Refused, "names nobody"),
        (Verdict({"id": ""}), Refused, "subject"),
        (Verdict({"id": 5}), Refused, "subject"),
        (Verdict({"id": "ann", "scopes": 5}), Refused, "list of names"),
    ]
    for verdict, kind, said in cases:
        with pytest.raises(kind, match=said):
            await ask(made(Judge(verdict)))


async def test_a_yes_may_name_nobody_or_a_consumer() -> None:
    """As the settings say; a name that is there and wrong is still refused."""
    assert (await ask(made(Judge(Verdict({})), unnamed="somebody"))).id == "somebody"
    with pytest.raises(Refused, match="subject"):
        await ask(made(Judge(Verdict({"id": 5})), unnamed="somebody"))
    assert (await ask(made(Judge(ANN), known=True))).plan == "gold"
    with pytest.raises(Refused, match="not known here"):
        await ask(made(Judge(Verdict({"id": "bob"})), known=True))


async def test_a_decision_may_be_remembered() -> None:
    """For the same request, or for all that show the same; a no as well, a fault never."""
    judge = Judge(ANN)
    whole, shown = made(judge, remember=60.0), made(judge, remember=60.0, whole=False)
    for one in (whole, shown):
        await ask(one)
        await ask(one)
    assert len(judge.asked) == 2
    elsewhere = Request(("authorization", "Bearer t"), path="/other")
    assert isinstance(shown.authenticate(elsewhere), Identity)
    assert isinstance(await whole.authenticate(elsewhere), Identity)  # type: ignore[misc]
    assert len(judge.asked) == 3
    judge.verdict = NO
    for _ in range(2):
        with pytest.raises(Refused):
            await ask(whole, "other")
    assert len(judge.asked) == 4
    judge.verdict = Fault("forbidden")
    for _ in range(2):
        with pytest.raises(Fault):
            await ask(whole, "third")
    assert len(judge.asked) == 6


async def test_who_decides_is_left_alone_while_it_is_down() -> None:
    """It is 503 for all, and few of them wait for it."""
    judge = Judge(Unreachable("no answer"))
    one = made(judge)
    for _ in range(20):
        with pytest.raises(Fault, match="auth_unavailable"):
            await ask(one)
    assert len(judge.asked) == 5


async def test_what_comes_back_does_not_come_from_the_client() -> None:
    """Its names are taken off the call, also where what was shown is forwarded."""
    judge = Judge(ANN)
    assert made(judge).credentials.headers == {"authorization", "x-mail"}
    one = made(judge, forward=True)
    assert one.credentials.headers == {"x-mail"}
    assert not one.forward
    assert one.challenge(None) == one.challenge(Refused("x")) == 'Bearer realm="r"'
    assert one.settings() == {"kind": "forward_auth"}
    assert repr(one) == "<ForwardAuthenticator gate <Decisions 0 good, 0 bad>>"
    await one.close()
    assert judge.closed
