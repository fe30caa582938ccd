import asyncio
import os
import signal

import httpx

from ingress.flow import Flow
from ingress.mock.answering import Mock
from ingress.mock.recordings import Recordings
from ingress.mock.server import serve
from ingress.supervisor import listen
from tests.harness.waiting import eventually
from tests.ingress.journal.recorded import full


async def test_a_mock_answers_until_it_is_told_to_stop() -> None:
    """Recorded requests get their answers over HTTP, others a problem; SIGTERM ends it."""
    sock, flows, ready = listen("127.0.0.1", 0), list[Flow](), asyncio.Event()
    serving = asyncio.create_task(serve(Mock(Recordings([full(7)])), sock, flows.append, ready.set))
    await asyncio.wait_for(ready.wait(), 5)
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        good = await client.post("/v1/orders?dry=1", json={})
        assert (good.status_code, good.json()) == (201, {"id": "o-1"})
        bad = await client.get("/")
        assert (bad.status_code, bad.json()["code"]) == (404, "not_found")
        assert bad.headers["content-type"] == "application/problem+json"
    await eventually(lambda: len(flows) == 2)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, 5)
    sock.close()
