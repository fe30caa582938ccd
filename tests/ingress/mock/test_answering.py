import time

from contracts.call import Call
from ingress.flow import Flow
from ingress.mock.answering import HEADER, Mock
from ingress.mock.recordings import Recordings
from tests.ingress.journal.recorded import full


def flow(path: str = "/v1/orders") -> Flow:
    call = Call(id="new", operation="", method="POST", path=path, query="dry=1")
    return Flow(call, None, time.perf_counter())


async def test_an_answer_is_as_it_was_recorded() -> None:
    """Status, headers and body are those of the recording, which is named."""
    reply = await Mock(Recordings([full(7)]))(flow())
    assert (reply.status, reply.body) == (201, b'{"id": "o-1"}')
    assert reply.headers == (("content-type", "application/json"), (HEADER, "r-7"))


async def test_what_was_not_recorded_is_404() -> None:
    """The problem document names the nearest recording, or says that there is none."""
    reply = await Mock(Recordings([full(7)]))(flow("/v1/order"))
    assert reply.fault is not None
    problem = reply.fault.problem("new")
    assert (problem["status"], problem["nearest"]) == (404, "POST /v1/orders?dry=1")
    assert "the path differs" in problem["detail"]
    reply = await Mock(Recordings([]))(flow())
    assert reply.fault is not None
    assert "nothing was recorded" in reply.fault.detail


async def test_an_answer_may_take_its_time() -> None:
    """The latency is that of the recording, or as long as one says, or none."""
    for latency, least in ((None, 0.0025), (0.02, 0.02)):
        began = time.perf_counter()
        await Mock(Recordings([full(7)]), latency=latency)(flow())
        assert time.perf_counter() - began >= least - 0.001
