"""The admin port describes itself, and does as it says."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import jsonschema
import pytest

from ingress import admin_token
from ingress.admin_openapi import OPERATIONS
from tests.conftest import Queuegate
from tests.harness.ports import free_port
from tests.harness.waiting import eventually
from tests.ingress.embedded_broker import ROUTES, lived_in

# What every answer must be, whatever was asked. That a wrong question is refused is for the tests
# of each route: some take a number where the schema says text, and mean it.
CHECKS: Final = (
    "not_a_server_error,status_code_conformance"
    ",content_type_conformance,response_schema_conformance"
)


async def _document(folder: Path, routes: str) -> dict[str, Any]:
    async with lived_in(folder, None, routes) as house, house.admin() as admin:
        answer = await admin.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    document = answer.json()
    assert isinstance(document, dict)
    return document


async def test_it_names_what_is_there_and_nothing_else(tmp_path: Path) -> None:
    """All of it with a summary; without a journal there are no routes of one."""
    plain = (await _document(tmp_path, ROUTES))["paths"]
    whole = (await _document(tmp_path, f"journal: {{}}\n{ROUTES}"))["paths"]
    assert "/v1/journal" not in plain
    told = {f"{method.upper()} {path}" for path, item in whole.items() for method in item}
    assert set(OPERATIONS) == told
    assert set(plain) < set(whole)


async def test_it_is_openapi(tmp_path: Path) -> None:
    """Each schema in it is one, and each parameter of a path is described."""
    document = await _document(tmp_path, f"journal: {{}}\n{ROUTES}")
    assert document["openapi"] == "3.1.0"
    for path, item in document["paths"].items():
        for operation in item.values():
            names = [one["name"] for one in operation["parameters"] if one["in"] == "path"]
            assert all(f"{{{name}}}" in path for name in names)
            assert path.count("{") == len(names)
            for one in operation["parameters"]:
                jsonschema.Draft202012Validator.check_schema(one["schema"])
            if "requestBody" in operation:
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                jsonschema.Draft202012Validator.check_schema(schema)
                assert schema["properties"]


@pytest.mark.timeout(150)  # on a busy machine; seconds on a free one
async def test_schemathesis_finds_nothing(tmp_path: Path, queuegate: Queuegate) -> None:
    """Requests by the document and beside it: no 5xx, and every answer is one that is described."""
    (tmp_path / "gateway.yaml").write_text(f"journal: {{}}\n{ROUTES}")
    port, admin = free_port(), free_port()
    words = ("serve", "--port", str(port), "--admin-port", str(admin))
    queuegate(*words, env={"BROKER_URL": "memory://"})
    url = f"http://127.0.0.1:{admin}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:

        async def is_up() -> bool:
            try:
                return (await client.get("/healthz")).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(is_up, within=20)
    ran = subprocess.run(  # noqa: ASYNC221 - nothing else runs here meanwhile
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"),
            *("--checks", CHECKS, "--max-examples", "5", "--seed", "1"),
            *("-H", f"Authorization: Bearer {admin_token.read(admin_token.place())}"),
            *("--generation-database", "none", "--no-color", "--suppress-health-check", "all"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    generated = re.search(r"([0-9]+) generated", ran.stdout)
    assert generated
    assert int(generated[1]) > 100
