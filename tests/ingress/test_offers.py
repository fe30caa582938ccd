"""Routes held against the services' own code."""

import sys
from pathlib import Path

import pytest

from ingress import offers, routefile

CODE = """\
from contracts.operation import Operation

class Service:
    operations = [Operation(name="{name}.get"), Operation(name="{name}.create")]

service = Service()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder; what is done to the path is undone."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


def problems(module: str, folder: Path, operation: str = "shop.get") -> list[str]:
    text = f"services: {{shop: {{module: '{module}'}}}}\nroutes:\n"
    text += f"  - {{route: GET /a, operation: {operation}}}\n"
    file = routefile.parse(text.encode(), source="g", environment={})
    return [str(problem) for problem in offers.problems(file, folder)]


def test_an_operation_that_the_code_has_is_right(folder: Path) -> None:
    """Nothing is said of it."""
    (folder / "shop_right.py").write_text(CODE.format(name="shop"))
    assert problems("shop_right:service", folder) == []


def test_an_operation_that_the_code_has_not_is_a_problem(folder: Path) -> None:
    """It is told at the route, with the nearest that there is."""
    (folder / "shop_other.py").write_text(CODE.format(name="shop"))
    (told,) = problems("shop_other:service", folder, "shop.craete")
    assert told.startswith("g:3:32: routes[0].operation: the code of shop has no operation")
    assert told.endswith("'shop.craete' (did you mean shop.create?)")


def test_a_module_that_is_not_here_is_passed_over(folder: Path) -> None:
    """A machine may have the gateway alone; but it is named, since it may be a typo."""
    assert problems("nowhere_at_all.deep:service", folder, "shop.x") == []
    text = b"services: {a: {module: 'nowhere:x'}, b: {module: 'json:x'}, c: {}}\n"
    text += b"routes: [{route: GET /a, operation: a.b}]"
    file = routefile.parse(text, source="g", environment={})
    assert offers.absent(file) == ["nowhere:x"]


@pytest.mark.parametrize(
    "name, code, why",
    [
        ("shop_broken", "1 / 0", "ZeroDivisionError"),
        ("shop_syntax", "def (", "SyntaxError"),
        ("shop_missing", "import nothing_of_the_kind", "ModuleNotFoundError"),
        ("shop_empty", "", "AttributeError"),
    ],
)
def test_a_module_that_fails_is_a_problem_of_the_service(
    folder: Path, name: str, code: str, why: str
) -> None:
    """What the user's code raises is told at the service, and breaks nothing."""
    (folder / f"{name}.py").write_text(code)
    (told,) = problems(f"{name}:service", folder)
    assert told.startswith("g:1:27: services.shop.module: it cannot be imported")
    assert why in told


def test_the_users_folder_is_searched_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module of the user's never hides one that is installed."""
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    (folder / "colorsys.py").write_text(CODE.format(name="shop"))
    (told,) = problems("colorsys:service", folder)
    assert "module 'colorsys' has no attribute 'service'" in told


def test_a_priority_for_a_queue_without_priorities_is_a_problem(folder: Path) -> None:
    """It would do nothing; told at the route, with what to write in the service."""
    code = CODE + "from contracts.brokers.port import Queue\n"
    (folder / "shop_flat.py").write_text(
        code.format(name="shop") + "Service.work = Queue(name='shop')\n"
    )
    (folder / "shop_steep.py").write_text(
        code.format(name="shop") + "Service.work = Queue(name='shop', max_priority=9)\n"
    )

    def told(module: str, rest: str) -> list[str]:
        text = f"services: {{shop: {{module: '{module}:service'}}}}\nroutes:\n"
        text += f"  - {{route: GET /a, operation: shop.get, {rest}}}\n"
        file = routefile.parse(text.encode(), source="g", environment={})
        return [str(problem) for problem in offers.problems(file, folder)]

    (found,) = told("shop_flat", "priority: 5")
    assert "routes[0].priority: the queue of shop is declared without priorities" in found
    assert 'Queue(name="shop", max_priority=9)' in found
    assert told("shop_flat", "priority: 0") == told("shop_flat", "priority: 5, queue: q") == []
    assert told("shop_steep", "priority: 5") == []
