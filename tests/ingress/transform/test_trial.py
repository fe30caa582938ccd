from contracts.call import Reply
from ingress import routefile
from ingress.compile import compile_plans
from ingress.transform import trial

FILE = b"""\
routes:
  - route: POST /a/{id}
    operation: a.b
    transform:
      request: {body: "{id: params.id, data: body}"}
      reply: {body: "join('', body)"}
  - {route: GET /a, operation: a.b}
"""
PLANS = compile_plans(routefile.parse(FILE, environment={}))


def test_a_request_is_shown_before_and_after() -> None:
    """As the worker would get it."""
    call = trial.call_of(PLANS[0], b"[1]", params={"id": "7"})
    result = trial.try_request(PLANS[0], call)
    assert (result.side, result.before.body, result.fault) == ("request", [1], None)
    assert result.after is not None
    assert result.after.body == {"id": "7", "data": [1]}


def test_a_reply_that_cannot_be_made_shows_what_the_client_would_hear() -> None:
    """A problem in the place of what comes after."""
    call = trial.call_of(PLANS[0], b"")
    result = trial.try_reply(PLANS[0], call, Reply.json(5))
    assert (result.after, result.before.body) == (None, 5)
    assert result.fault is not None
    assert result.fault["code"] == "bad_reply"
    good = trial.try_reply(PLANS[0], call, Reply.json(["a", "b"]))
    assert good.after is not None
    assert good.after.body == "ab"


def test_a_route_without_transformation_has_nothing_to_try() -> None:
    """It is told apart."""
    assert [trial.transforms(plan) for plan in PLANS] == [True, False]
