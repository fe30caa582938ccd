"""Orders as they are sent."""

import pytest

from contracts.fault import Fault
from contracts.stores.memory import MemoryStore
from ingress.consumers import desk
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Known
from ingress.consumers.office import Office
from ingress.consumers.roster import Roster


def test_an_order_is_found_by_method_and_path() -> None:
    """With the name in it, and nothing else is one."""
    entry, name = desk.find("POST", "/v1/keys/k1/rotate")
    assert (entry.status, name) == (201, "k1")
    assert desk.find("GET", "/v1/keys")[1] == ""
    assert desk.find("GET", "/v1/consumers/a%40b%2Fc")[1] == "a@b/c"
    for method, path in (("PUT", "/v1/keys"), ("GET", "/v1/keys/a/b"), ("GET", "/"), ("GET", "")):
        with pytest.raises(Fault, match="not_found"):
            desk.find(method, path)


@pytest.mark.parametrize(
    "body, code",
    [(b"{", "invalid_request"), (b"\xff", "invalid_request"), (b'{"name": 5}', "invalid_body")],
)
async def test_a_body_is_read_before_anything_is_done(body: bytes, code: str) -> None:
    """Whatever stands in it."""
    office = Office(Roster(MemoryStore()), Known(), Digests())
    entry, _ = desk.find("POST", "/v1/consumers")
    with pytest.raises(Fault) as caught:
        await desk.carry_out(office, entry, "", body)
    assert caught.value.code == code
    assert await office.consumers() == []
