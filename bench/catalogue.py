"""All systems that are measured against each other. Each is one edge and one worker process."""

from typing import Final

from bench.gateway import gateway, queuegate
from bench.system import System, node_script, pip_script, script

QUEUEGATE: Final = queuegate()

SANIC: Final = System(
    "sanic-bare",
    "Sanic alone, no broker",
    edge=script("sanic_bare", "edge.py"),
)

FASTIFY: Final = System(
    "fastify-amqplib",
    "Fastify + amqplib by hand, no policies",
    edge=node_script("fastify_amqplib", "edge.js"),
    worker=node_script("fastify_amqplib", "worker.js"),
    needs="fastify_amqplib",
)

# The same gateway with the same load, so that the two workers are compared and nothing else.
AMQPLIB_WORKER: Final = System(
    "amqplib-worker",
    "queuegate + an amqplib worker (dialect raw)",
    edge=gateway("bench.echo", {"service": {"dialect": "raw", "queue": "echo"}}),
    worker=node_script("fastify_amqplib", "worker.js", QUEUE="echo"),
    needs="fastify_amqplib",
)

PEERS: Final = (
    FASTIFY,
    System(
        "nestjs",
        "NestJS RMQ (Fastify adapter)",
        edge=node_script("nestjs", "edge.js"),
        worker=node_script("nestjs", "worker.js"),
        needs="nestjs",
    ),
    System(
        "moleculer",
        "Moleculer + moleculer-web (AMQP)",
        edge=node_script("moleculer", "edge.js"),
        worker=node_script("moleculer", "worker.js"),
        needs="moleculer",
    ),
    System(
        "sanic-aiopika",
        "Sanic + plain aio-pika, no policies",
        edge=script("sanic_aiopika", "edge.py"),
        worker=script("sanic_aiopika", "worker.py"),
    ),
    System(
        "fastapi-faststream",
        "FastAPI + FastStream",
        edge=pip_script("fastapi_faststream", "edge.py"),
        worker=pip_script("fastapi_faststream", "worker.py"),
        needs="fastapi_faststream",
    ),
    System(
        "nameko",
        "nameko (HTTP entrypoint + RPC proxy)",
        edge=pip_script("nameko", "services.py", "edge"),
        worker=pip_script("nameko", "services.py", "worker"),
        needs="nameko",
    ),
)
