"""``queuegate doctor``: is all there that a gateway needs?"""

from pathlib import Path
from typing import Annotated

import typer

from ingress.cli import options


def doctor(
    *,
    config: options.Config = Path("gateway.yaml"),
    broker: options.BrokerUrl = None,
    host: options.Host = "127.0.0.1",
    port: options.Port = 8000,
    admin_host: options.AdminHost = "127.0.0.1",
    admin_port: options.AdminPort = 8001,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=60, help="Seconds to wait for the broker.")
    ] = 5.0,
    as_json: options.Json = False,
) -> None:
    """Check the route file, journal, store, broker, queues and who consumes, and the ports.

    Exits with 1 when something is wrong; each finding says what to do.
    """
    # Imported late, so that --help is quick.
    import asyncio  # noqa: PLC0415

    from contracts.brokers.opening import open_broker  # noqa: PLC0415
    from ingress import doctor as looking  # noqa: PLC0415
    from ingress import routefile, storecheck  # noqa: PLC0415
    from ingress.cli import screen  # noqa: PLC0415
    from ingress.guard import checkup as entrance  # noqa: PLC0415
    from ingress.journal import checkup  # noqa: PLC0415

    route_file, found = looking.look_at_config(lambda: routefile.load(config))
    if route_file is not None:
        found += entrance.look(route_file, config.parent)
        found += checkup.look(route_file, config.parent, broker=broker)
        found += asyncio.run(storecheck.look(route_file, config.parent))
    url = broker or (route_file.broker if route_file else "")
    if url.startswith("memory:"):
        found += looking.embedded(url)
    elif url:
        client = open_broker(url, name="queuegate doctor")
        found += asyncio.run(looking.look_at_broker(url, client, route_file, within=timeout))
    admin = (admin_host, admin_port)
    found.append(
        looking.look_at_port("public port", host, port, admin=admin, option="--port"),
    )
    found.append(
        looking.look_at_port("admin port", *admin, admin=admin, option="--admin-port"),
    )
    wrong = any(one.verdict is looking.Verdict.WRONG for one in found)
    if as_json:
        screen.as_json({"ok": not wrong, "findings": found})
    else:
        rows = [[one.verdict.value, one.what, one.detail, one.advice] for one in found]
        screen.findings(screen.out(), rows)
    raise typer.Exit(1 if wrong else 0)
