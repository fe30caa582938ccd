from msgspec.structs import replace

from contracts.call import Call, Caller, Reply
from contracts.fault import Fault
from ingress.auth.identity import Identity
from ingress.flow import Flow
from ingress.guard.certificate import Certificate
from ingress.guard.peer import Peer
from tests.ingress.scripted import flow, plan


def test_a_new_flow_is_in_flight() -> None:
    """It has neither an answer nor a status, and was never sent."""
    assert repr(flow()) == "<Flow r-1 POST / 'GET /x' in flight attempts=0>"


def test_a_finished_flow_tells_its_status() -> None:
    """The repr shows status, fault code and attempts."""
    story = flow()
    story.status, story.fault, story.attempts = 503, Fault("no_route"), 3
    assert repr(story) == "<Flow r-1 POST / 'GET /x' 503 no_route attempts=3>"


def test_a_flow_that_matched_no_route_has_a_dash() -> None:
    """Metrics and log lines never carry a path that a stranger made up."""
    assert Flow(Call(id="r-1", operation=""), None, 0.0).route == "-"


def test_a_flow_bears_the_name_of_its_route() -> None:
    """The label is the route as declared."""
    assert flow(plan(name="GET /v1/orders/{id}")).route == "GET /v1/orders/{id}"


def test_a_reply_has_no_code() -> None:
    """The code is that of the fault, or nothing."""
    story = flow()
    story.reply = Reply()
    assert story.code == ""
    story.fault = Fault("busy")
    assert story.code == "busy"


def test_time_is_split_into_gateway_queue_and_worker() -> None:
    """The parts add up to the whole, without a clock other than the gateway's."""
    story = flow()
    story.received, story.finished, story.waited, story.worker = 10.0, 11.0, 0.75, 0.5
    assert (story.duration, story.gateway, story.queued, story.worker) == (1.0, 0.25, 0.25, 0.5)


def test_a_worker_that_says_too_much_makes_no_negative_queue_time() -> None:
    """A worker may claim more time than the round trip took."""
    story = flow()
    story.received, story.finished, story.waited, story.worker = 10.0, 10.5, 0.75, 9.0
    assert (story.gateway, story.queued) == (0.0, 0.0)


def test_a_caller_that_is_known_is_told_to_all_that_follows() -> None:
    """The call says who asks and with which scopes; the address stays."""
    story = Flow(Call(id="r-1", operation="a.b", caller=Caller(address="10.0.0.1")), None, 0.0)
    story.identify(Identity(id="ann", scheme="key", scopes=("read",)))
    assert story.identity is not None
    assert story.call.caller == Caller(id="ann", address="10.0.0.1", scopes=("read",))
    assert (story.call.id, story.call.operation) == ("r-1", "a.b")


def test_who_is_at_the_other_end_is_what_the_connection_says() -> None:
    """Whether it came by HTTPS, and its certificate; nothing is known of a stranger."""
    ann = Certificate(subject="CN=ann")
    story = Flow(Call(id="r-1", operation=""), None, 0.0, Peer(secure=True, certificate=ann))
    assert (story.secure, story.certificate) == (True, ann)
    assert (flow().secure, flow().certificate) == (False, None)


def test_a_call_that_is_diverted_goes_by_the_other_plan() -> None:
    """Route and operation are the other's, for log, journal and worker; all else stays."""
    story = flow()
    other = replace(plan(), name="GET /x ~next")
    story.divert(other)
    assert (story.plan, story.route, story.call.path) == (other, "GET /x ~next", "/")
    assert story.call.operation == other.target.operation
    assert story.call.route == "GET /x ~next"
