import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench import proc
from bench.record import Book, Result
from tests.harness.install import can_install
from tests.harness.processes import ROOT
from tests.harness.rabbitmq import MANAGEMENT_VARIABLE, URL_VARIABLE, PrivateRabbitMQ

# On CI it must run; on a laptop without wrk it is left out.
_POSSIBLE = proc.available() and (shutil.which("wrk") or can_install())


@pytest.mark.timeout(180)
@pytest.mark.skipif(not _POSSIBLE and not os.environ.get("CI"), reason="needs wrk, and Linux")
def test_the_benchmark_runs(rabbitmq: PrivateRabbitMQ, tmp_path: Path) -> None:
    """One command measures queuegate and bare Sanic, and writes what a reader expects."""
    words = [sys.executable, "-m", "bench", "smoke", "--json", "--out", str(tmp_path)]
    node = {
        URL_VARIABLE: rabbitmq.url().rpartition("/")[0],
        MANAGEMENT_VARIABLE: rabbitmq.management_url,
    }
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **node}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    result = msgspec.json.decode(done.stdout, type=Result)
    assert not [row.problems for row in result.rows if not row.valid]
    ours, sanic = result.lines
    assert (ours.system, sanic.system) == ("queuegate", "sanic-bare")
    for line in (ours, sanic):
        assert line.rps > 0
        assert 0 < line.p50 <= line.p99
        assert line.cpu.edge
        assert line.memory.edge
    assert ours.cpu.worker
    assert ours.memory.worker
    assert sanic.cpu.worker is None
    assert sanic.ratio
    assert result.versions["rabbitmq"]
    book = msgspec.json.decode((tmp_path / "latest.json").read_bytes(), type=Book)
    assert book.suites["smoke"] == result
