"""Sanic alone, answering the same POST by itself: no broker, no worker.

It is the floor for any edge that stands on Sanic: what HTTP costs, and nothing else.
"""

import os

from sanic import Request, Sanic
from sanic.response import HTTPResponse, raw

app = Sanic("bare", configure_logging=False)
app.config.ACCESS_LOG = False


@app.post("/echo")
async def echo(request: Request) -> HTTPResponse:
    """Give the bytes back, unparsed."""
    return raw(request.body, content_type="application/json")


# What a gateway with a cache says beside its answer, so that both send the same bytes.
PAGE = b'{"order":"o-20394","sku":"tea-oolong","quantity":2,"note":"leave it with the neighbours."}'
SAID = {
    "cache-control": "max-age=3600",
    "cache-status": "queuegate; hit; ttl=3599",
    "date": "Tue, 24 Nov 2026 12:00:00 GMT",
    "age": "1",
    "x-request-id": "01a20d7695dd7682c4c40000000e",
}


@app.get("/page")
async def page(_: Request) -> HTTPResponse:
    """Give what never changes."""
    return raw(PAGE, content_type="application/json", headers=SAID)


if __name__ == "__main__":
    app.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        single_process=True,  # no manager process beside it; uvloop is Sanic's default
        access_log=False,
        motd=False,
    )
