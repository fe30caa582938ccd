"""Where two answers differ: status, headers, body."""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec

from ingress.compare.answer import Answer, Difference
from ingress.compare.paths import Paths, general
from ingress.compare.rules import Rules
from ingress.compare.values import differences
from ingress.preview import harmless

_NONE: Final = object()
_SHOWN: Final = 60


def compare(left: Answer, right: Answer, rules: Rules) -> list[Difference]:
    """Tell how two answers to one request differ; nothing when they are the same.

    A different status is the one thing that is told then: what follows it is another document, and
    one cause should make one finding.
    """
    if not left.status or not right.status:
        return list(_unanswered(left, right))
    if left.status != right.status or left.code != right.code:
        before, after = _outcome(left), _outcome(right)
        kind = f"{before} -> {after}"
        return [Difference(path="status", kind=kind, left=before, right=after)]
    if left.bare or right.bare:
        return []
    found = [*_headers(left, right, rules), *_bodies(left, right, rules)]
    if not found:
        return found
    # What was taken out of both is the same on both, or its digests differ.
    one_sided = frozenset(left.hidden) ^ frozenset(right.hidden)
    # A problem document says which request it answers.
    hidden = _hidden(one_sided | {"$.request_id"} if left.code else one_sided)
    return [one for one in found if not hidden(one.path)]


def parsed(answer: Answer) -> Any:  # noqa: ANN401 - JSON
    """Give the body as JSON; :data:`NOT_JSON` when it is none, or not whole."""
    kind = ",".join(answer.values().get("content-type", []))
    kind = kind.partition(";")[0].strip().lower()
    if answer.cut or not (kind == "application/json" or kind.endswith("+json") or not kind):
        return _NONE
    try:
        return msgspec.json.decode(answer.body)
    except (ValueError, RecursionError):
        return _NONE


NOT_JSON: Final = _NONE


@lru_cache(maxsize=256)
def _hidden(texts: frozenset[str]) -> Callable[[str], bool]:
    """Make the question whether something was taken out at a path."""
    # A finding does not say which item of a list: any of them may be the one.
    paths = Paths(general(text) for text in texts if text.startswith("$"))
    rest = {text for text in texts if not text.startswith("$")}
    return lambda path: path in rest or paths.cover(path.replace("[*]", "[0]"))


def _unanswered(left: Answer, right: Answer) -> Iterator[Difference]:
    if not left.status and not right.status:
        return
    kind = "missing" if left.status else "added"
    sides = [_outcome(one) if one.status else one.error or "none" for one in (left, right)]
    yield Difference(path="answer", kind=kind, left=sides[0], right=sides[1])


def _outcome(answer: Answer) -> str:
    return f"{answer.status} {answer.code}".strip()


def _headers(left: Answer, right: Answer, rules: Rules) -> Iterator[Difference]:
    mine, other = left.values(), right.values()
    for name in dict.fromkeys([*mine, *other]):
        if name in rules.headers or mine.get(name) == other.get(name):
            continue
        kind = "missing" if name not in other else "added" if name not in mine else "changed"
        sides = [harmless(", ".join(one.get(name, [])))[:200] for one in (mine, other)]
        yield Difference(path=f"header:{name}", kind=kind, left=sides[0], right=sides[1])


def _bodies(left: Answer, right: Answer, rules: Rules) -> Iterator[Difference]:
    if left.cut or right.cut:
        # As far as it was recorded.
        length = min(len(one.body) for one in (left, right) if one.cut)
        mine, other = left.body[:length], right.body[:length]
    else:
        mine, other = left.body, right.body
    if mine == other:
        return
    before, after = parsed(left), parsed(right)
    if before is not _NONE and after is not _NONE:
        yield from differences(before, after, rules)
    elif not rules.ignore.cover("$"):
        yield Difference(path="body", kind="changed", left=_told(mine), right=_told(other))


def _told(body: bytes) -> str:
    """Tell bytes by their number, their digest and how they begin."""
    digest = hashlib.sha256(body).hexdigest()[:8]
    begin = harmless(body[:_SHOWN].decode(errors="replace"))
    return f"{len(body)} bytes, sha256 {digest}: {begin}"
