import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_examples_own_tests_pass() -> None:
    """The example's tests run as a user would run them, in the example's folder."""
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
    done = subprocess.run(
        [sys.executable, *words, "--rootdir", str(EXAMPLES), "-c", "/dev/null", "test_shop.py"],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
