import math

from contracts.call import Call, Caller
from workers.context import Context


def _call(**parts: object) -> Call:
    return Call(id="r-1", operation="shop.add", route="POST /items", **parts)  # type: ignore[arg-type]


def test_a_context_tells_what_the_call_says() -> None:
    """A context gives the call, its caller, its request id, its attempt and its deadline."""
    ctx = Context(_call(caller=Caller(id="ann"), attempt=2, deadline=5), redelivered=True)
    assert (ctx.request_id, ctx.caller.id, ctx.attempt, ctx.deadline) == ("r-1", "ann", 2, 5)
    assert ctx.redelivered


def test_a_context_tells_what_it_replays() -> None:
    """``replay`` is the original's request id, and ``None`` for a call that is no replay."""
    assert Context(_call(replay="run-1/r-0/x")).replay == "r-0/x"
    assert Context(_call()).replay is None


def test_a_context_tells_that_it_is_a_copy() -> None:
    """``mirror`` is true for what another worker answers."""
    assert Context(_call(mirror="GET /a")).mirror
    assert not Context(_call()).mirror


def test_what_is_left_shrinks() -> None:
    """``left`` counts down in seconds, and is infinite without a deadline."""
    ctx = Context(_call(), left=5)
    first = ctx.left
    assert 4.9 < first <= 5
    assert ctx.left <= first
    assert Context(_call()).left == math.inf


def test_its_log_lines_carry_the_request_id(lines: list[dict[str, str]]) -> None:
    """Lines of the context's logger carry request id, operation and route; it is made once."""
    ctx = Context(_call())
    ctx.logger.info("hello")
    assert ctx.logger is ctx.logger
    (line,) = lines
    assert line["request_id"] == "r-1"
    assert line["operation"] == "shop.add"
    assert line["route"] == "POST /items"


def test_the_repr_tells_what_is_answered() -> None:
    """The repr tells request id, operation, attempt and what is left."""
    text = repr(Context(_call(), left=5, redelivered=True))
    assert text.startswith("<Context r-1 shop.add attempt=1 left=")
    assert text.endswith("redelivered>")
