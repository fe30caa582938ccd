from pathlib import Path

from ingress import routefile, storecheck
from ingress.doctor import Finding, Verdict
from tests.harness.ports import free_port


async def _findings(url: str, folder: Path) -> list[Finding]:
    text = f"store: '{url}'\nroutes: [{{route: GET /a, operation: a.b}}]\n"
    return await storecheck.look(routefile.parse(text.encode()), folder)


async def _look(url: str, folder: Path) -> Finding:
    (found,) = await _findings(url, folder)
    return found


async def test_of_memory_there_is_nothing_to_say(tmp_path: Path) -> None:
    """A store that is always there has no finding about it."""
    assert await _findings("memory://", tmp_path) == []


async def test_a_file_that_can_be_written_is_well(tmp_path: Path) -> None:
    """The file is made where the folder lets it; where it does not, the advice says what to do."""
    found = await _look("sqlite:state.sqlite", tmp_path)
    assert (found.verdict, found.detail) == (Verdict.WELL, "sqlite:state.sqlite answers")
    found = await _look("sqlite:no/state.sqlite", tmp_path)
    assert found.verdict is Verdict.WRONG
    assert "unable to open" in found.detail
    assert "folder" in found.advice


async def test_a_redis_that_answers_is_well(redis_url: str, tmp_path: Path) -> None:
    """A Redis is asked, and one that is not there is told without its password."""
    assert (await _look(redis_url, tmp_path)).verdict is Verdict.WELL
    found = await _look(f"redis://:secret@127.0.0.1:{free_port()}/0", tmp_path)
    assert found.verdict is Verdict.WRONG
    assert "cannot be reached" in found.detail
    assert "secret" not in found.detail
