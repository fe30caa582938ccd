"""The token of the admin port."""

import concurrent.futures
from pathlib import Path

import pytest

from ingress import admin_token
from ingress.admin_sections import AdminSection


def test_one_is_made_for_good_and_for_its_owner_alone(tmp_path: Path) -> None:
    """The next start finds it; no one else can read it."""
    path = tmp_path / "state" / "token"
    made = admin_token.find_or_make(path)
    assert len(made) >= 32
    assert admin_token.find_or_make(path) == admin_token.read(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["token"]


def test_processes_that_start_together_have_the_same(tmp_path: Path) -> None:
    """Whoever is first makes it."""
    path = tmp_path / "token"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = set(pool.map(admin_token.find_or_make, [path] * 8))
    assert made == {admin_token.read(path)}


def test_one_that_others_could_read_is_made_anew(tmp_path: Path) -> None:
    """So is an empty one: nobody may guess it."""
    path = tmp_path / "token"
    path.write_text("seen-by-everybody-here\n")
    path.chmod(0o644)
    assert admin_token.read(path) == ""
    made = admin_token.find_or_make(path)
    assert made != "seen-by-everybody-here"
    path.write_text("")
    assert admin_token.find_or_make(path) not in {"", made}


def test_its_place_is_where_state_goes() -> None:
    """By the XDG rules, a relative folder counting for nothing; or by a variable of its own."""
    assert admin_token.place({"XDG_STATE_HOME": "/s"}) == Path("/s/queuegate/admin-token")
    home = Path.home() / ".local/state/queuegate/admin-token"
    assert admin_token.place({}) == admin_token.place({"XDG_STATE_HOME": "s"}) == home
    assert admin_token.place({admin_token.FILE_VARIABLE: "/t"}) == Path("/t")


def test_the_route_files_word_is_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its token, none at all, or the one of the file, of which people are told."""
    said: list[str] = []
    monkeypatch.setenv(admin_token.FILE_VARIABLE, str(tmp_path / "token"))

    def decide(token: str | None) -> str | None:
        return admin_token.decide(AdminSection(token=token), lambda *words: said.append(words[1]))

    assert decide("sixteen-letters!") == "sixteen-letters!"
    assert decide("off") is None
    assert said == []
    assert decide(None) == admin_token.read(tmp_path / "token")
    assert said == [f"the admin port's token is in {tmp_path / 'token'}"]


def test_where_none_can_be_kept_nobody_has_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The admin port is closed then, not open."""
    said: list[str] = []
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(admin_token.FILE_VARIABLE, str(tmp_path / "file" / "token"))
    made = admin_token.decide(AdminSection(), lambda *words: said.append(" ".join(words)))
    assert made is not None
    assert len(made) >= 32
    assert said[0].startswith("WARNING the admin port's token cannot be kept (")
    assert made not in said[0]
