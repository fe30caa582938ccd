"""Where orders about consumers go."""

import asyncio
from pathlib import Path

import pytest

from ingress.cli import desk
from tests.ingress.cli.conftest import Cli
from tests.ingress.embedded_broker import ROUTES, lived_in

MORE = """
keys: {secrets: [sixteen letters!]}
auth: {partners: {key: {}}}
"""


async def run(cli: Cli, *words: str) -> tuple[int, str, str]:
    told = await asyncio.to_thread(cli, *words)
    return told.code, told.out, told.err


async def test_a_store_in_memory_is_reached_by_the_admin_port(cli: Cli, tmp_path: Path) -> None:
    """With the token that the gateway left for this user, or the one of the environment."""
    async with lived_in(tmp_path, routes=ROUTES + MORE) as house:
        url = f"http://127.0.0.1:{house.private.getsockname()[1]}"
        assert (await run(cli, "consumers", "add", "anna", "--admin", url))[0] == 0
        code, out, _ = await run(cli, "keys", "issue", "anna", "--admin", url)
        assert (code, out[:3]) == (0, "qg_")
        code, out, _ = await run(cli, "consumers", "list", "--admin", url)
        assert (code, "anna" in out) == (0, True)
        code, _, err = await run(cli, "consumers", "show", "ben", "--admin", url)
        assert (code, err) == (1, f"queuegate: {url} answered 404: there is no consumer ben\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ADMIN_TOKEN", "another-token-than-it")
            code, _, err = await run(cli, "consumers", "list", "--admin", url)
        assert (code, err) == (
            1,
            f"queuegate: {url} answered 401: this is not the admin port's token\n",
        )


def test_an_admin_port_that_is_not_there_is_told(cli: Cli) -> None:
    """As is what is no address."""
    told = cli("consumers", "list", "--admin", "http://127.0.0.1:1")
    assert told.code == 1
    assert "no gateway answers at http://127.0.0.1:1" in told.err
    told = cli("consumers", "list", "--admin", "file:///etc/passwd")
    assert (told.code, "is no address" in told.err) == (2, True)


def test_a_path_holds_any_name() -> None:
    """A slash in it is no slash of the path."""
    assert desk.path("consumers", "a/b c") == "/v1/consumers/a%2Fb%20c"
