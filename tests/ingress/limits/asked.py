"""Requests as limits see them, and what limits say in their answers."""

from contracts.call import Call, Caller
from ingress.auth.identity import Identity
from ingress.flow import Flow


def told(flow: Flow) -> list[tuple[str, str]]:
    """Read the header fields that tell how a request's limits stand."""
    assert not flow.standing or flow.standing.endswith(b"\r\n")
    lines = flow.standing.decode().split("\r\n")[:-1]
    return [(name, value) for name, _, value in (line.partition(": ") for line in lines)]


def request(
    address: str = "203.0.113.7",
    identity: Identity | None = None,
    headers: tuple[tuple[str, str], ...] = (),
    query: str = "",
) -> Flow:
    """Make a request that has passed identification."""
    call = Call(
        id="1",
        operation="a.b",
        path="/a/1",
        method="GET",
        query=query,
        params={"id": "1"},
        headers=headers,
        route="GET /a/{id}",
        caller=Caller(address=address),
    )
    flow = Flow(call, None, 0.0)
    flow.identity = identity
    return flow
