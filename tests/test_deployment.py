"""The files around the code: packaging, pins, Makefile, Procfile, Dockerfile and Compose."""

import importlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import tomllib
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hatchling.build import build_wheel

from queuegate import Service
from tests.harness.ports import free_port
from tests.harness.processes import ROOT, ChildProcess
from tests.harness.sources import PACKAGES
from tests.harness.waiting import wait_until

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MAKEFILE = (ROOT / "Makefile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
# "exec": without it the shell that honcho starts would die of SIGTERM before the drain is over.
PROCFILE = dict(line.split(": exec ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def _run(*words: str, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    # `make test ARGS=...` tells the makes below it, which here are those that are tested.
    told = re.compile("MAKE|MFLAGS|ARGS|PYTHON$")
    clean = {key: value for key, value in os.environ.items() if not told.match(key)}
    return subprocess.run(
        words, cwd=cwd, env={**clean, **env}, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_the_packages_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is installed are the four packages with their type markers, and never the tests."""
    monkeypatch.chdir(ROOT)
    wheel = zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path)))
    with wheel:
        names = wheel.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {*PACKAGES, f"queuegate-{PROJECT['version']}.dist-info"}
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)


def test_the_version_is_written_once() -> None:
    """The installed version and the newest one of the changelog are that of pyproject.toml."""
    newest = re.search(r"^## ([\d.]+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest
    assert (version("queuegate"), newest[1]) == (PROJECT["version"], PROJECT["version"])


def test_the_changelog_has_the_sections_users_look_for() -> None:
    """The newest entry has each section, in order, so that nobody invents others."""
    newest = (ROOT / "CHANGELOG.md").read_text().split("\n## ")[1]
    sections = re.findall(r"^### (.+)$", newest, re.MULTILINE)
    wanted = ["Added", "Changed", "Fixed", "Removed", "Security", "Runtime behaviour"]
    assert sections == wanted


def test_each_dependency_is_pinned_by_name_and_version_alone() -> None:
    """The constraints pin all that pyproject.toml asks for, with no host, path or hash in them."""
    lines = [
        line
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if not line.startswith("#")
    ]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    pinned = {_plain(line.partition("==")[0]) for line in lines}
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    assert {_plain(re.split(r"[^\w.-]", each)[0]) for each in asked} <= pinned


def test_make_help_names_each_task() -> None:
    """`make` alone lists all tasks, each with a line that says what it does."""
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    listed = re.findall(r"^  (\w+) +\w", _run("make").stdout, re.MULTILINE)
    assert sorted(listed) == sorted(phony[1].split())
    assert set(listed) >= {"help", "run", "test", "lint", "format", "bench", "docs", "clean"}


def test_make_without_a_python_says_what_to_do(tmp_path: Path) -> None:
    """Where no Python is new enough, the message says which one is needed and how to get it."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    done = _run("make", "test", cwd=tmp_path, PYTHON="/nowhere/python3 /bin/false")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "apt install python3" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    "broker, command",
    [("", "queuegate dev"), ("amqp://localhost/", "honcho start -p 8000 -c worker=2")],
)
def test_make_run_picks_the_processes_by_the_broker(
    tmp_path: Path, broker: str, command: str
) -> None:
    """Without a broker one process does it all; with one the Procfile's processes are started."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("queuegate", "honcho"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tools / name).chmod(0o700)
    (tools.parent / ".ready").touch()
    *said, started = _run(
        "make", "run", cwd=tmp_path, BROKER_URL=broker, PORT=""
    ).stdout.splitlines()
    assert started == command
    assert any(line.startswith("  curl ") for line in said)


def test_the_compose_file_fits_its_specification() -> None:
    """The Compose specification's own JSON Schema accepts docker-compose.yml."""
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = _run(*check, "docker-compose.yml")
    assert done.returncode == 0, done.stdout


def test_the_compose_schema_refuses_what_is_wrong(tmp_path: Path) -> None:
    """The check above is one that can fail: a misspelt key of a service does not pass."""
    wrong = {**COMPOSE, "services": {"gateway": {"imgae": "queuegate"}}}
    (tmp_path / "compose.json").write_text(json.dumps(wrong))
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = _run(*check, str(tmp_path / "compose.json"))
    assert done.returncode == 1
    assert "imgae" in done.stdout


def test_compose_opens_only_the_public_port_to_the_world() -> None:
    """Admin port, RabbitMQ's pages and Redis are bound to the loopback of the host."""
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == ["8000:8000"]


def test_compose_waits_for_a_healthy_broker() -> None:
    """Broker and store have health checks, and gateway and workers wait for the broker's."""
    services = dict(COMPOSE["services"])
    for name in ("rabbitmq", "redis"):
        assert services.pop(name)["healthcheck"]["test"]
    assert services.keys() == {"gateway", "worker"}
    for service in services.values():
        assert service["depends_on"]["rabbitmq"] == {"condition": "service_healthy"}
        assert service["environment"]["BROKER_URL"].startswith("${BROKER_URL:-amqp://")


def test_procfile_and_compose_run_the_same_processes() -> None:
    """Each line of the Procfile is a service of the Compose file, and two workers compete."""
    composed = {
        name: f"queuegate {shlex.join(service['command'])}"
        for name, service in COMPOSE["services"].items()
        if "command" in service
    }
    assert composed == PROCFILE
    assert COMPOSE["services"]["worker"]["deploy"]["replicas"] == 2


def test_the_worker_runs_each_service_of_the_gateway() -> None:
    """The Procfile's worker has all modules that gateway.yaml names, and no other."""
    gateway = yaml.safe_load((ROOT / "gateway.yaml").read_text())
    modules = [service["module"] for service in gateway["services"].values()]
    assert shlex.split(PROCFILE["worker"]) == ["queuegate", "worker", *modules]


def test_make_run_needs_no_broker(tmp_path: Path) -> None:
    """`make run` serves the sample routes in one process, and stops when told to."""
    _make_run_answers(tmp_path, broker="", workers=1)


def test_make_run_uses_the_broker_it_is_given(tmp_path: Path, vhost_url: str) -> None:
    """With BROKER_URL set, processes on that broker serve the same, and drain when told to stop."""
    said = _make_run_answers(tmp_path, broker=vhost_url, workers=2)
    assert sorted(re.findall(r"(\w+\.\d) stopped \(rc=0\)", said)) == [
        "gateway.1",
        "worker.1",
        "worker.2",
    ]


def _make_run_answers(tmp_path: Path, broker: str, workers: int) -> str:
    """Order tea from `make run`, press Ctrl-C, and return all that was printed."""
    port, admin_port = free_port(), free_port()
    settings = {
        "BROKER_URL": broker,
        "PORT": str(port),
        "ADMIN_PORT": str(admin_port),
        "ORDERS_DB": str(tmp_path / "orders.sqlite"),
        "MAKEFLAGS": "",
        "ARGS": "",
    }
    # The environment that runs this test is installed: -o says not to look at that again.
    make = ["make", "-o", ".venv/.ready", "run"]
    with ChildProcess(make, tmp_path / "log", settings) as running:
        running.wait_for_port(port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            order = {"sku": "tea-oolong", "quantity": 2}
            wait_until(lambda: client.get("/v1/orders").is_success, within=20)
            assert client.post("/v1/orders", json=order).status_code == 201
            assert len(client.get("/v1/orders").json()["orders"]) == 1
        # A worker that is still starting has nothing to drain, and just dies of the signal.
        wait_until(lambda: running.output.count("serving echo.") == workers, within=20)
        os.killpg(running.pid, signal.SIGINT)  # as Ctrl-C does
        running.wait()
    assert "Traceback" not in running.output
    return running.output


def test_the_procfile_has_programs_that_are_there() -> None:
    """Each worker line names modules with that service, and one line is the gateway."""
    assert PROCFILE.keys() == {"gateway", "worker"}
    assert PROCFILE["gateway"] == "queuegate serve"
    for service in shlex.split(PROCFILE["worker"])[2:]:
        module, _, attribute = service.partition(":")
        assert isinstance(getattr(importlib.import_module(module), attribute), Service)


def test_the_image_is_built_from_files_that_are_there() -> None:
    """Each file that the Dockerfile copies exists and is let through by .dockerignore."""
    let_through = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", _dockerfile(), re.MULTILINE)
        for name in line.split()[:-1]
    }
    assert copied == let_through
    assert {name for name in copied if not (ROOT / name).exists()} == set()


def test_the_image_runs_as_nobody_in_particular() -> None:
    """The last stage has a user without rights, a health check and the gateway as its command."""
    stages = re.split(r"^FROM ", _dockerfile(), flags=re.MULTILINE)[1:]
    assert len(stages) == 2
    assert all(re.match(r"python:3\.\d+-slim\b", stage) for stage in stages)
    last = stages[-1]
    assert re.search(r"^USER (?!root)\w+$", last, re.MULTILINE)
    assert 'ENTRYPOINT ["queuegate"]\nCMD ["serve"]' in last


@pytest.mark.parametrize("status, code", [(200, 0), (503, 1)])
def test_the_health_check_follows_readiness(status: int, code: int) -> None:
    """The image's health check passes on 200 from /readyz and fails on all else."""
    found = re.search(r"^ +CMD (\[.+\])$", _dockerfile(), re.MULTILINE)
    assert found
    program, *words = json.loads(found[1])
    assert program == "python"
    asked = []

    class Admin(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Admin) as admin:
        answering = threading.Thread(target=admin.handle_request)
        answering.start()
        done = _run(sys.executable, *words, ADMIN_PORT=str(admin.server_port))
        answering.join()
    assert (done.returncode, asked) == (code, ["/readyz"])


def test_ci_runs_the_commands_of_the_readme() -> None:
    """CI lints, then tests with the very command that the README names, and stops at a failure."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert script.endswith("make lint\nmake test\n")
    assert "make test" in (ROOT / "README.md").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def _plain(name: str) -> str:
    """Normalise a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()
