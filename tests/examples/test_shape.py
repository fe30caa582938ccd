"""The pages about validation and transformation, and the route file that they talk of."""

import gzip
import json
import os
import re
import shlex
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingress import routefile
from ingress.compile import compile_plans
from tests.harness.development import Development, development, lines
from tests.harness.processes import ROOT, queuegate_command

FOLDER = ROOT / "examples" / "shape"
PAGES = ("validation.md", "transformation.md")
CURLS = [(page.partition(".")[0], *found) for page in PAGES for found in lines(page)]
TEXT = {page: (ROOT / "docs" / page).read_text() for page in PAGES}


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Development]:
    """The example, served."""
    log = tmp_path_factory.mktemp("shape") / "log"
    with development(FOLDER, log, "serving goods") as running:
        yield running


def peak(dev: Development) -> int:
    """Give the most memory that it ever had, in MiB."""
    status = Path(f"/proc/{dev.child.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) // 1024


def curl(dev: Development, line: str, *more: str) -> str:
    words = shlex.split(dev.here(line))
    ended = subprocess.run([*words, "-sS", *more], capture_output=True, check=True, cwd=FOLDER)
    return ended.stdout.decode(errors="replace")


@pytest.mark.parametrize(
    "page, line, status, text", CURLS, ids=[f"{page}-{status}" for page, _, status, _ in CURLS]
)
def test_a_curl_line_answers_as_written(
    dev: Development, page: str, line: str, status: str, text: str
) -> None:
    """A line of the page gets the status that stands beside it, and what else does."""
    answer, _, got = curl(dev, line, "-w", "\n%{http_code}").rpartition("\n")
    assert (got, text in answer) == (status, True), f"{page}: {answer}"


def run(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of a page in the folder of the example."""
    line = line.replace("queuegate", shlex.join(queuegate_command()))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = ["bash", "-c", line]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=FOLDER, env=env)


def test_two_that_disagree_are_refused_as_the_page_shows() -> None:
    """By `routes check`, with the line."""
    shown = re.search(r"^\$ (queuegate .*)\n(.*)\n```", TEXT["validation.md"], re.MULTILINE)
    assert shown is not None
    told = run(shown[1])
    assert told.returncode == 2
    assert shown[2] == told.stderr.strip()


def test_a_body_is_transformed_without_a_gateway() -> None:
    """Both ways, and headers, query and path with it."""
    there, back = re.findall(r"^echo .*$", TEXT["transformation.md"], re.MULTILINE)
    _, _, after = run(there).stdout.partition("after")
    for made in ('"sku": "tea"', '"x-tenant": "7"', '"x-hop": "gw"', '"query": "tag=hot"'):
        assert made in after
    assert json.loads(run(back).stdout)["after"]["headers"]["x-price"] == "450"


def test_all_errors_are_told_at_once(dev: Development) -> None:
    """As the page shows it."""
    body = json.dumps({"sku": "tea", "price": 0, "colour": "green"})
    line = f"curl http://127.0.0.1:8000/goods -H 'content-type: application/json' -d '{body}'"
    problem = json.loads(curl(dev, line))
    assert (problem["status"], problem["code"]) == (422, "invalid_body")
    assert problem["errors"] == [
        {"pointer": "/price", "detail": "is less than the minimum of 1", "keyword": "minimum"},
        {"pointer": "/colour", "detail": "is not known here", "keyword": "additionalProperties"},
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells the memory")
def test_what_would_grow_is_refused_and_memory_stays_flat(dev: Development, tmp_path: Path) -> None:
    """200 MiB of zeros in one, JSON deeper than anybody means, a form of 10,000 parts."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    bomb = b"".join(packer.compress(zeros) for _ in range(200)) + packer.flush()
    (tmp_path / "bomb.gz").write_bytes(bomb)
    (tmp_path / "deep.json").write_bytes(b"[" * 500_000)
    part = b'--b\r\ncontent-disposition: form-data; name="a"\r\n\r\nv\r\n'
    (tmp_path / "parts").write_bytes(part * 10_000 + b"--b--\r\n")
    (tmp_path / "deep.gz").write_bytes(gzip.compress(b"[" * 40_000))
    before = peak(dev)
    line = "curl http://127.0.0.1:8000/packed -H 'content-type: application/json'"
    for name, coding, statuses in [
        ("bomb.gz", "gzip", {"413"}),
        ("deep.json", "identity", {"400", "422"}),
        ("deep.gz", "gzip", {"400", "422"}),
    ]:
        for _ in range(3):
            more = ("-H", f"content-encoding: {coding}", "--data-binary", f"@{tmp_path / name}")
            status = curl(dev, line, *more, "-o", "/dev/null", "-w", "%{http_code}")
            assert status in statuses, name
    form = "curl http://127.0.0.1:8000/form -H 'content-type: multipart/form-data; boundary=b'"
    for _ in range(3):
        sent = ("--data-binary", f"@{tmp_path / 'parts'}", "-o", "/dev/null", "-w", "%{http_code}")
        assert curl(dev, form, *sent) == "413"
    assert peak(dev) - before < 40


def test_a_value_has_the_form_that_a_client_asks_for(dev: Development) -> None:
    """CBOR out of what came as JSON, with its content type and Vary."""
    line = (
        "curl http://127.0.0.1:8000/any -H 'content-type: application/json'"
        """ -H 'accept: application/cbor' -d '{"sku": "tea", "price": 450}'"""
    )
    head = curl(dev, line, "-D", "-", "-o", "/dev/null").lower()
    assert "content-type: application/cbor\r\n" in head
    assert "vary: accept\r\n" in head


def test_a_reply_is_compressed_for_who_asks(dev: Development) -> None:
    """And smaller than for who does not."""
    line = "curl http://127.0.0.1:8000/catalogue -o /dev/null -D - -w %{size_download}"
    plain, packed = curl(dev, line), curl(dev, line, "-H", "accept-encoding: gzip")
    assert "content-encoding" not in plain.lower()
    assert "content-encoding: gzip\r\n" in packed.lower()
    assert "vary: accept-encoding\r\n" in packed.lower()
    assert int(packed.split()[-1]) * 3 < int(plain.split()[-1])


def test_off_costs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A route that asks for none of it has none of it in its Plan."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    plans = compile_plans(routefile.load(FOLDER / "gateway.yaml"))
    assert all(plan.policies for plan in plans)
    bare = routefile.parse(b"routes: [{route: GET /a, operation: a.b}]", environment={})
    assert compile_plans(bare)[0].policies == ()
