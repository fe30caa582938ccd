"""A pipeline with a cache in it, a worker that does as it is told, and a clock that stands."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable

from contracts.call import Call, Caller, Reply
from ingress import routefile
from ingress.auth.identity import Identity
from ingress.cache.shelf import Shelf
from ingress.compile import compile_plans
from ingress.flow import Flow
from ingress.onward import Onward
from ingress.pipeline import Pipeline
from ingress.router import Router

Worker = Callable[[Call], Reply | Awaitable[Reply]]

_numbers = itertools.count(1)


def reply(body: str = "hello", status: int = 200, **fields: str) -> Reply:
    """Make a worker's reply; ``cache_control`` stands for the field Cache-Control, and so on."""
    headers = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return Reply(status=status, headers=headers, body=body.encode())


class Cached:
    """``await cached.get("/a")`` gives the finished Flow; ``calls`` are those the worker had."""

    def __init__(self, worker: Worker, cache: str = "{}", more: str = "") -> None:
        self.now = 1_000_000.0
        self.calls: list[Call] = []
        # Set once the worker had a call.
        self.asked = asyncio.Event()
        self._worker = worker
        text = f"""
routes:
  - {{route: "ANY /{{path...}}", operation: a.b, retry: off, breaker: off, cache: {cache}}}
{more}"""
        self.shelf = Shelf(1_000_000, clock=lambda: self.now)
        self.route_file = routefile.parse(text.encode(), environment={})
        plans = compile_plans(self.route_file, (), {"shelf": self.shelf})
        self._router = Router(plans)
        pipeline = Pipeline(self._dispatch)
        self._run = pipeline.run
        self.shelf.onward = Onward(pipeline.run)

    async def get(self, path: str, **fields: str) -> Flow:
        """Ask for a path with GET."""
        return await self.ask("GET", path, b"", None, **fields)

    async def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        identity: Identity | None = None,
        **fields: str,
    ) -> Flow:
        """Ask for a path; ``if_match`` stands for the field If-Match, and so on."""
        path, _, query = target.partition("?")
        plan, params = self._router.match(method, path)
        headers = {"host": "shop", **{key.replace("_", "-"): one for key, one in fields.items()}}
        call = Call(
            id=f"r{next(_numbers)}",
            operation="a.b",
            method=method,
            path=path,
            query=query,
            params=params,
            headers=tuple(headers.items()),
            body=body,
            caller=Caller(address="127.0.0.1"),
        )
        flow = Flow(call, plan, asyncio.get_running_loop().time())
        if identity is not None:
            flow.identify(identity)
        await self._run(flow)
        return flow

    async def _dispatch(self, flow: Flow) -> Reply:
        self.calls.append(flow.call)
        self.asked.set()
        flow.attempts += 1
        answer = self._worker(flow.call)
        return answer if isinstance(answer, Reply) else await answer


def field(flow: Flow, name: str) -> str:
    """Give what the gateway or the worker says in a field; empty for nothing."""
    said = [value for key, value in flow.headers if key == name]
    if not said and flow.reply is not None:
        said = [value for key, value in flow.reply.headers if key == name]
    return ", ".join(said)
