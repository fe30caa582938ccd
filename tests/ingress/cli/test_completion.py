"""What Tab offers."""

from pathlib import Path
from typing import Any

import pytest

from ingress.cli import completion
from tests.ingress.cli.conftest import GOOD


class Context:
    """As much of a typer.Context as is asked for."""

    def __init__(self, **params: Any) -> None:
        self.params = params


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with a route file and a service."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QUEUEGATE_CONFIG", raising=False)
    (tmp_path / "gateway.yaml").write_text(GOOD)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "till.py").write_text('till = Service("till")\nx = 1\n')
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe")
    return tmp_path


def offered(what: Any, incomplete: str, **params: Any) -> list[str]:
    found: list[str] = what(Context(**params), incomplete)
    return found


def test_routes_and_operations_are_offered() -> None:
    """Those of the route file that begin with what was typed."""
    assert offered(completion.routes, "") == [
        "GET /v1/orders",
        "POST /v1/orders",
        "shop.list",
        "shop.create",
    ]
    assert offered(completion.routes, "shop.c") == ["shop.create"]


def test_services_are_offered_from_the_route_file_and_the_folder() -> None:
    """Without importing anything."""
    assert offered(completion.services, "") == ["nowhere.shop:service", "app.till:till"]
    assert offered(completion.services, "app") == ["app.till:till"]


def test_the_route_file_is_the_one_that_the_command_would_use(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The option, else the environment, else gateway.yaml."""
    (folder / "b.yaml").write_text("routes: [{route: GET /b, operation: b.b}]")
    (folder / "c.yaml").write_text("routes: [{route: GET /c, operation: c.c}]")
    monkeypatch.setenv("QUEUEGATE_CONFIG", "b.yaml")
    assert offered(completion.routes, "GET") == ["GET /b"]
    assert offered(completion.routes, "GET", config="c.yaml") == ["GET /c"]


def test_a_wrong_route_file_offers_nothing(folder: Path) -> None:
    """An error would be typed into the user's line."""
    (folder / "gateway.yaml").write_text("routes: 5")
    assert offered(completion.routes, "") == []
    assert offered(completion.services, "") == ["app.till:till"]
