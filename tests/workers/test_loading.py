import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workers.binding import ServiceError
from workers.loading import load

SHOP = """
from queuegate import Service
tea = Service("tea")
empty = Service("empty")
number = 3

@tea.operation
async def add() -> None: ...
"""


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A user's folder; what was imported from it is forgotten after the test."""
    path, modules = list(sys.path), set(sys.modules)
    yield tmp_path
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text)


def test_a_service_is_loaded_from_the_users_folder(folder: Path) -> None:
    """``module:attribute`` gives the Service; the folder comes behind all that is installed."""
    _write(folder / "shop_a.py", SHOP)
    assert load("shop_a:tea", folder).name == "tea"
    assert sys.path[-1] == str(folder)


def test_a_service_is_loaded_from_a_package(folder: Path) -> None:
    """Dots lead into packages."""
    _write(folder / "store_b" / "__init__.py", "")
    _write(folder / "store_b" / "teas.py", SHOP)
    assert load("store_b.teas:tea", folder).name == "tea"


def test_the_samples_are_loaded() -> None:
    """The samples are modules like any other."""
    assert load("workers.samples.orders:service").name == "orders"


@pytest.mark.parametrize(
    "reference, message",
    [
        ("shop_c", "write module:attribute, for example shop_c:service"),
        ("shop_c.py", "for example shop_c:service"),
        ("./src/shop_c.py", "for example src.shop_c:service"),
        ("shop_c:", "write module:attribute"),
        (":tea", "write module:attribute, for example orders:service"),
        ("shop c:tea", "is no module name"),
        ("shop_d:tea", "there is no module shop_d, .*did you mean shop_c?"),
        ("shop_c.deep:tea", "there is no module shop_c.deep"),
        ("shop_c:tee", "has no 'tee'; did you mean shop_c:tea?"),
        ("shop_c:number", "is a int, not a Service; did you mean shop_c:tea?"),
        ("shop_c:empty", "shop_c:empty offers no operation"),
    ],
)
def test_a_wrong_reference_says_what_to_type(folder: Path, reference: str, message: str) -> None:
    """A reference that leads nowhere is an error that names what is near."""
    _write(folder / "shop_c.py", SHOP)
    with pytest.raises(ServiceError, match=message):
        load(reference, folder)


@pytest.mark.parametrize(
    "text, message",
    [
        ("import nowhere_at_all\n", r"failed at .*broken_e.py:1: No module named 'nowhere_at_all'"),
        ("x = 1\nprint(x / 0)\n", r"failed at .*broken_e.py:2: ZeroDivisionError"),
        ("def f(:\n", r"failed at .*broken_e.py:1: SyntaxError"),
        ("from queuegate import Service\nService('a.b')\n", "broken_e: a service is named with"),
    ],
)
def test_a_module_that_fails_says_where(folder: Path, text: str, message: str) -> None:
    """An error inside the user's module is told with its file and line, and is not 'not found'."""
    _write(folder / "broken_e.py", text)
    with pytest.raises(ServiceError, match=message):
        load("broken_e:service", folder)


@pytest.mark.parametrize("name", ["workers", "ingress", "contracts", "queuegate"])
def test_a_package_called_like_ours_is_told_so(folder: Path, name: str) -> None:
    """A user's own package called like one that queuegate installs is told to change its name."""
    _write(folder / name / "tea.py", SHOP)
    with pytest.raises(ServiceError, match=f"queuegate installs a package {name} of its own"):
        load(f"{name}.tea:tea", folder)


def test_a_missing_part_of_ours_is_no_clash(folder: Path) -> None:
    """Without such a package in the user's folder a wrong name is only not found."""
    with pytest.raises(ServiceError, match=r"there is no module workers\.samples\.nothing"):
        load("workers.samples.nothing:service", folder)
