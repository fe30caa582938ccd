import inspect
import re
import types
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "workers.md"


def _run_page() -> dict[str, object]:
    """Run the page's Python blocks one after the other, as one module."""
    module = types.ModuleType("page")
    for block in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE):
        exec(compile(block, str(PAGE), "exec"), vars(module))  # noqa: S102 - our own page
    return vars(module)


NAMES = _run_page()
TESTS = [name for name in NAMES if name.startswith("test_")]


@pytest.mark.parametrize("name", TESTS)
async def test_the_code_on_the_page_runs(name: str) -> None:
    """The tests that docs/workers.md shows pass against the services that it shows."""
    function = NAMES[name]
    assert inspect.iscoroutinefunction(function)
    await function()


def test_the_page_shows_tests() -> None:
    """The page has tests to run, or the one above would pass by having none."""
    assert len(TESTS) >= 3


async def test_the_raw_bytes_service_on_the_page_works() -> None:
    """The service that answers with a Reply does what the page says."""
    from queuegate import Service, TestKit  # noqa: PLC0415 - as on the page

    files = NAMES["files"]
    assert isinstance(files, Service)
    kit = TestKit(files)
    answer = await kit.call("thumbnail", body=b"12345", content_type="image/png", query="width=2")
    assert (answer.body, answer.header("content-type")) == (b"12", "image/png")
    assert (await kit.call("thumbnail", body=b"1", content_type="text/html")).status == 415
