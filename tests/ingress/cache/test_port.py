"""What the cache needs of others is what they have."""

from ingress.cache.port import Onward, Request
from ingress.flow import Flow
from ingress.onward import Onward as Real
from tests.ingress.scripted import flow


async def test_the_real_ones_fit() -> None:
    """A Flow is a request to the cache, and what runs it is what stands behind."""

    async def run(_: Flow) -> None: ...

    request: Request = flow()
    onward: Onward = Real(run)
    inner = await onward(request, request.call, (), alone=True)
    onward.credit(request, inner)
    assert request.notes["answered_by"] == ""
