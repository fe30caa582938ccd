"""A real browser: what a page may read is decided there, and nowhere else."""

import asyncio
import os
import tempfile
from typing import Final

from tests.harness.install import install_chromium, installed_chromium
from tests.harness.wanted import wanted

# It has to start, on a busy machine too.
_PATIENCE: Final = 50.0


def find_chromium() -> str:
    """Give its path."""
    return wanted("Chromium", "chromium", installed_chromium, install_chromium)


async def text_of(url: str) -> str:
    """Open a page, wait until nothing is under way any more, and give its document as HTML."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        words = (
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
            *(f"--user-data-dir={profile}", "--virtual-time-budget=20000", "--dump-dom", url),
        )
        process = await asyncio.create_subprocess_exec(
            find_chromium(),
            *words,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "HOME": profile},
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
    return output.decode()
