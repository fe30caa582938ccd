from contracts.call import Call, Reply
from ingress.auth.forward.asker import Asker
from ingress.plan import Target
from ingress.routesections import ServiceSection

CALL = Call(id="1", operation="auth.check")


class Rpc:
    """Remembers where it was sent."""

    target: Target

    async def send(self, target: Target, call: Call, timeout: float) -> Reply:  # noqa: ASYNC109
        self.target = target
        return Reply(status=204)


async def test_it_finds_the_queue_of_a_service() -> None:
    """The service's own name, the queue that the file names, or its exchange."""
    rpc = Rpc()
    asker = Asker(rpc)
    assert (await asker(CALL, 1.0)).status == 204
    assert (rpc.target.routing_key, rpc.target.exchange) == ("auth", "")
    asker.services = {"auth": ServiceSection(queue="auth.work", dialect="queuegate-json")}
    await asker(CALL, 1.0)
    assert rpc.target.routing_key == "auth.work"
    asker.services = {"auth": ServiceSection(exchange="bus")}
    await asker(CALL, 1.0)
    assert (rpc.target.routing_key, rpc.target.exchange) == ("auth.check", "bus")
