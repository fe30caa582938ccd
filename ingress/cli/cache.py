"""``queuegate cache``: what a gateway keeps of answers, how it does, and dropping it."""

from typing import Annotated, Any, Final

import typer

from ingress.cli import options
from ingress.cli.admin_client import DEFAULT, Admin, ask, with_query

app = typer.Typer(
    help="Cached answers of a running gateway: list, look, drop, count.", no_args_is_help=True
)

_ENTRIES: Final = "/v1/cache/entries"
Host = Annotated[str, typer.Option("--host", help="Answers for this host alone.")]
Tag = Annotated[str, typer.Option("--tag", help="Answers with this tag.")]
Prefix = Annotated[str, typer.Option("--prefix", help="Answers whose path begins so.")]


@app.command("list")
def list_entries(
    *,
    prefix: Prefix = "/",
    tag: Tag = "",
    host: Host = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    admin: Admin = DEFAULT,
    as_json: options.Json = False,
) -> None:
    """List what is kept: for what it answers, how old it is, and how long it is fresh."""
    from ingress.cli import screen  # noqa: PLC0415 - so that --help is quick

    path = with_query(_ENTRIES, prefix=prefix, tag=tag, host=host, limit=limit)
    told = ask(admin, "GET", path)
    if as_json:
        screen.as_json(told["entries"])
        return
    rows = [_row(one) for one in told["entries"]]
    headings = ("status", "age s", "ttl s", "bytes", "host", "path", "varies", "tags")
    screen.table(screen.out(), headings, rows)


@app.command()
def show(
    path: Annotated[str, typer.Argument(help="The path: /v1/teas.", show_default=False)],
    *,
    host: Host = "",
    admin: Admin = DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Show the answers that are kept for a path, with their header fields; exit code 1 for none."""
    from ingress.cli import screen  # noqa: PLC0415

    wanted = path.partition("?")[0]
    told = ask(admin, "GET", with_query(_ENTRIES, path=wanted, host=host, limit=1000))
    if as_json:
        screen.as_json(told["entries"])
    else:
        for one in told["entries"]:
            _tell(one)
    if not told["entries"]:
        typer.echo(f"queuegate: nothing is kept for {path}", err=True)
        raise typer.Exit(1)


@app.command()
def purge(
    path: Annotated[
        str, typer.Argument(help="A path; all of its queries go.", show_default=False)
    ] = "",
    *,
    prefix: Annotated[str, typer.Option("--prefix", help="All whose path begins so.")] = "",
    tag: Tag = "",
    everything: Annotated[bool, typer.Option("--all", help="All that there is.")] = False,
    host: Host = "",
    admin: Admin = DEFAULT,
    as_json: options.Json = False,
) -> None:
    """Drop answers by path, prefix or tag, in every process that shares the gateway's store."""
    from ingress.cli import screen  # noqa: PLC0415

    given = [bool(path), bool(prefix), bool(tag), everything]
    if sum(given) != 1:
        raise typer.BadParameter("which? Give one of PATH, --prefix, --tag and --all")
    order: dict[str, Any] = {"path": path, "prefix": prefix, "tag": tag, "all": everything}
    told = ask(admin, "POST", "/v1/cache/purge", {**order, "host": host})
    if as_json:
        screen.as_json(told)
    else:
        typer.echo(f"dropped {told['dropped']}")


@app.command()
def stats(*, admin: Admin = DEFAULT, as_json: options.Json = False) -> None:
    """Tell how the cache does since the gateway was started: hits, misses, memory."""
    from ingress.cli import screen  # noqa: PLC0415

    told = ask(admin, "GET", "/v1/cache")
    if as_json:
        screen.as_json(told)
        return
    ratio = told["hit_ratio"]
    typer.echo(f"entries    {told['entries']}")
    typer.echo(f"bytes      {told['bytes']} of {told['size']}")
    typer.echo(f"evicted    {told['evicted']}")
    typer.echo(f"under way  {told['under_way']}")
    typer.echo(f"hit ratio  {'-' if ratio is None else f'{ratio:.1%}'}")
    for name, count in told["results"].items():
        typer.echo(f"  {name:<12} {count}")


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    path = f"{one['path']}?{one['query']}" if one["query"] else one["path"]
    varies = ", ".join(f"{name}={value}" for name, value in one["vary"].items())
    varies = ", ".join(filter(None, (varies, one.get("key", ""))))
    figures = (str(one["status"]), f"{one['age']:.0f}", f"{one['ttl']:.0f}", str(one["bytes"]))
    return (*figures, one["host"], path, varies, ", ".join(one["tags"]))


def _tell(one: dict[str, Any]) -> None:
    query = f"?{one['query']}" if one["query"] else ""
    typer.echo(f"{one['host']}{one['path']}{query}")
    state = "fresh" if one["ttl"] > 0 else "stale"
    times = f"age {one['age']:.0f} s, ttl {one['ttl']:.0f} s"
    typer.echo(f"  {one['status']}, {one['bytes']} bytes, {state}: {times}")
    for name, value in one["vary"].items():
        typer.echo(f"  varies by {name}: {value!r}")
    if "key" in one:
        typer.echo(f"  key {one['key']}")
    if one["tags"]:
        typer.echo(f"  tags {', '.join(one['tags'])}")
    for name, value in one.get("headers", ()):
        typer.echo(f"  {name}: {value}")
    typer.echo("")
