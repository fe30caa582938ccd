"""What was taken out of an answer before it was kept, and taking it out."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from ingress.compare.answer import Answer
from ingress.compare.paths import Paths
from ingress.journal.redact import Redaction, Rules
from ingress.plan import every
from ingress.router import Router

_WHERE: Final = "reply"


class Hiding:
    """Takes out of answers what the journal would take out of them: each route has its own rules.

    The answers of a replay are kept beside the journal, and are no less secret.
    """

    def __init__(self, router: Router | None = None) -> None:
        self._otherwise = Redaction(Rules())
        self._by_route = {
            plan.name: plan.journal.redaction
            for plan in every(router.plans if router else ())
            if plan.journal is not None
        }

    def __repr__(self) -> str:
        return f"<Hiding of {len(self._by_route)} routes>"

    def __call__(self, route: str, answer: Answer) -> Answer:
        """Give the answer as it may be kept, with what is hidden in it."""
        marks: list[str] = []
        headers, body = self._of(route).message(answer.headers, answer.body, _WHERE, marks)
        if not marks:
            return answer
        hidden = hidden_by(marks)
        return msgspec.structs.replace(answer, headers=headers, body=body, hidden=hidden)

    def query(self, route: str, text: str) -> str:
        """Give a query as it may be kept."""
        return self._of(route).query(text, "query", [])

    def _of(self, route: str) -> Redaction:
        return self._by_route.get(route, self._otherwise)


def hidden_by(marks: Iterable[str]) -> tuple[str, ...]:
    """Give the places in an answer that marks of the journal speak of, as a comparison does."""
    return tuple(dict.fromkeys(_places(marks)))


def _places(marks: Iterable[str]) -> Iterator[str]:
    for mark in marks:
        what, _, name = mark.removeprefix(f"{_WHERE}.").partition(" ")
        if not mark.startswith(f"{_WHERE}."):
            continue
        if what == "header":
            yield f"header:{name.partition(' ')[0]}"
        elif what == "body":
            yield _path_of(name)
        else:
            # Withheld as a whole.
            yield from ("$", "body")


def _path_of(name: str) -> str:
    """Give the path of what was taken out of a body: by its path, or by its name at any depth."""
    path = name if name.startswith("$") else f"$..[{msgspec.json.encode(name).decode()}]"
    try:
        Paths([path])
    except ValueError:
        return "$"
    return path
