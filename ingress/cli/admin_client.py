"""Asks a gateway's admin port, for the commands that need a running one."""

import http.client
import json
import os
from typing import Annotated, Any, Final, NoReturn
from urllib.parse import urlencode, urlsplit

import typer

_PATIENCE: Final = 10.0
_ERROR: Final = 400
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
DEFAULT: Final = "http://127.0.0.1:8001"
"""Where a gateway has its admin port, unless it was told otherwise."""

Admin = Annotated[
    str,
    typer.Option(
        "--admin", envvar="QUEUEGATE_ADMIN", help="The gateway's admin port.", show_default=True
    ),
]


def with_query(path: str, /, **query: object) -> str:
    """Write a path with a query of what was said."""
    return f"{path}?{urlencode({name: value for name, value in query.items() if value})}"


def ask(admin: str, method: str, path: str, body: object = None, *, token: str = "") -> Any:  # noqa: ANN401 - JSON
    """Ask, and give the JSON document of the answer; a failure ends the command.

    The token is that of ``ADMIN_TOKEN``, else the one given, else what a gateway of this user left,
    which goes to this machine alone. Exits with 2 for an address that is none, and with 1 when
    nobody answers or the answer is an error.
    """
    parts = urlsplit(admin if "//" in admin else f"http://{admin}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in {"http", "https"} or not host:
        raise typer.BadParameter(f"{admin} is no address: write {DEFAULT}", param_hint="--admin")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=_PATIENCE)
    try:
        connection.request(method, path, _encoded(body), _headers(body, token or _left(host)))
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        _fail(f"no gateway answers at {admin}: {error}; name its admin port with --admin")
    finally:
        connection.close()
    try:
        told = json.loads(text)
    except ValueError:
        _fail(f"{admin} answered {answer.status} and no JSON: is this an admin port?")
    if answer.status >= _ERROR:
        detail = told.get("detail") or told.get("title") if isinstance(told, dict) else ""
        _fail(f"{admin} answered {answer.status}: {detail}")
    return told


def _encoded(body: object) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _left(host: str) -> str:
    # Imported late, so that --help is quick.
    from ingress import admin_token  # noqa: PLC0415

    return admin_token.read(admin_token.place()) if host in _HERE else ""


def _headers(body: object, given: str) -> dict[str, str]:
    headers = {} if body is None else {"content-type": "application/json"}
    token = os.environ.get("ADMIN_TOKEN") or given
    if token:
        headers["authorization"] = f"Bearer {token}"
    return headers


def _fail(message: str) -> NoReturn:
    typer.echo(f"queuegate: {message}", err=True)
    raise typer.Exit(1)
