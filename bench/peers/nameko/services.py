# Runs in an environment of its own, so the type checker does not see its libraries.
# mypy: disable-error-code="import-not-found,untyped-decorator,import-untyped"
"""nameko: its HTTP entrypoint and RPC proxy in one process, the RPC service in another.

Run with ``edge`` or ``worker``.
"""

# Before anything that opens a socket is imported: nameko lives on green threads.
import eventlet  # isort: skip

eventlet.monkey_patch()

import logging  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

from kombu.pools import set_limit  # noqa: E402
from nameko.rpc import RpcProxy, rpc  # noqa: E402
from nameko.runners import ServiceRunner  # noqa: E402
from nameko.web.handlers import http  # noqa: E402
from werkzeug.wrappers import Request, Response  # noqa: E402


class Edge:
    """The HTTP side."""

    name = "edge"
    # Transient, and without confirms: a round trip to the broker less for each call.
    worker = RpcProxy("worker", use_confirms=False, delivery_mode=1, retry=False)

    @http("POST", "/echo")
    def echo(self, request: Request) -> Response:
        text = request.get_data(as_text=True)
        return Response(self.worker.echo(text), mimetype="application/json")


class Worker:
    """The RPC side."""

    name = "worker"

    @rpc
    def echo(self, text: str) -> str:
        return text


def main(side: str) -> None:
    """Run one of the two until killed."""
    logging.disable()
    # One connection for each of the workers; the default of 10 would make them queue.
    set_limit(200)
    settings = {
        "AMQP_URI": os.environ["AMQP_URL"],
        "WEB_SERVER_ADDRESS": f"127.0.0.1:{os.environ['PORT']}",
        "max_workers": 200,  # prefetch too; the default is 10
        "parent_calls_tracked": 1,
    }
    runner = ServiceRunner(settings)
    runner.add_service(Edge if side == "edge" else Worker)
    runner.start()
    runner.wait()


if __name__ == "__main__":
    main(sys.argv[1])
