from pathlib import Path

import pytest

from contracts.stores import open_store
from ingress.limits.opening import FOLDER, open_meter


@pytest.mark.parametrize(
    "url, shown",
    [
        ("memory://", "<LocalMeter in memory, 0 tables>"),
        ("sqlite:s.db?timeout=1", "<LocalMeter /base/s.db-limits, 0 tables>"),
        ("sqlite:/abs/s.db", "<LocalMeter /abs/s.db-limits, 0 tables>"),
        ("redis://h/0?prefix=p", "<RedisMeter p "),
    ],
)
async def test_the_meter_goes_with_the_store(
    url: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts are kept where the store is shared: by processes of a machine, or by a fleet."""
    monkeypatch.delenv(FOLDER, raising=False)
    store = open_store(url, Path("/base"))
    meter = open_meter(store, url, Path("/base"))
    assert repr(meter).startswith(shown)
    await meter.close()
    await store.close()


async def test_processes_of_one_gateway_share_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the store in memory its processes count in the folder that the supervisor names."""
    monkeypatch.setenv(FOLDER, "/shared")
    meter = open_meter(open_store("memory://"), "memory://", Path())
    assert repr(meter) == "<LocalMeter /shared, 0 tables>"
    await meter.close()
