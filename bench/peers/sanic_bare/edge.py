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


if __name__ == "__main__":
    app.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        single_process=True,  # no manager process beside it; uvloop is Sanic's default
        access_log=False,
        motd=False,
    )
