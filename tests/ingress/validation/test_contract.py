import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.call import Call
from contracts.fault import Fault
from contracts.operation import Operation
from contracts.schema import schema_of
from ingress import content, pattern, routefile
from ingress.problems import ConfigError
from ingress.validation.checker import Checker
from ingress.validation.contract import (
    Contract,
    describe,
    drifted,
    operations_of,
    source_of,
)
from tests.ingress.policies.asked import Asked
from workers.body import BodyReader
from workers.samples.orders import service as orders

GET = Operation(
    name="shop.get",
    parameters={"id": {"type": "integer"}, "full": {"type": "boolean"}},
    required=("id",),
    reply={"type": "object"},
)
CODE = """\
from contracts.operation import Operation

class Service:
    name = "shop"
    operations = [Operation(name="shop.get", summary="{summary}")]

service = Service()
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder; what is done to the path is undone."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def file(folder: Path, service: str) -> routefile.RouteFile:
    text = f"services: {{shop: {service}}}\nroutes: [{{route: GET /a, operation: shop.get}}]\n"
    return routefile.parse(text.encode(), source=str(folder / "gateway.yaml"), environment={})


def test_a_contract_file_is_read_as_it_was_written(folder: Path) -> None:
    """The same operations are the same bytes."""
    contract = Contract("shop", (GET,))
    (folder / "shop.json").write_bytes(contract.encode())
    assert contract.encode() == Contract("shop", (GET,)).encode()
    assert operations_of(file(folder, "{contract: shop.json}"), "shop") == {"shop.get": GET}


def test_without_a_file_the_code_is_asked(folder: Path) -> None:
    """If it is here; else nobody knows."""
    (folder / "shop_asked.py").write_text(CODE.format(summary="x"))
    found = operations_of(file(folder, "{module: 'shop_asked:service'}"), "shop")
    assert set(found or ()) == {"shop.get"}
    assert operations_of(file(folder, "{module: 'nowhere_at_all:service'}"), "shop") is None
    assert operations_of(file(folder, "{}"), "shop") is None
    assert operations_of(file(folder, "{}"), "stranger") is None


def test_code_that_breaks_and_files_that_are_none_are_told(folder: Path) -> None:
    """With the place in the route file."""
    (folder / "shop_broken.py").write_text("1 / 0")
    (folder / "bad.json").write_text('{"service": "shop"}')
    for service, why in [
        ("{module: 'shop_broken:service'}", "services.shop.module: it cannot be imported"),
        ("{contract: bad.json}", "services.shop.contract: .*bad.json is no contract file"),
        ("{contract: none.json}", "services.shop.contract: .*cannot be read"),
    ]:
        with pytest.raises(ConfigError, match=why):
            operations_of(file(folder, service), "shop")


def test_a_file_that_the_code_has_left_behind_is_told(folder: Path) -> None:
    """And how it is written anew."""
    (folder / "shop_drift.py").write_text(CODE.format(summary="new"))
    route_file = file(folder, "{module: 'shop_drift:service', contract: shop.json}")
    old = Contract("shop", (Operation(name="shop.get", summary="old"),))
    (folder / "shop.json").write_bytes(old.encode())
    (problem,) = drifted(route_file)
    assert "is not what the code says" in problem.message
    assert problem.hint == "queuegate describe shop_drift:service --write shop.json"
    new = Contract("shop", (Operation(name="shop.get", summary="new"),))
    (folder / "shop.json").write_bytes(new.encode())
    assert drifted(route_file) == []


def test_parameters_stand_where_the_route_has_them() -> None:
    """In its path if it has one of that name, else in the query."""
    source = source_of(GET, pattern.parse("GET /a/{id}"))
    assert set(source.parameters) == {("path", "id"), ("query", "full")}
    assert source.parameters["path", "id"].required
    assert source.replies == {"2XX": {"type": "object"}}


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """All kinds of members."""

    sku: Annotated[str, msgspec.Meta(min_length=1, max_length=4, pattern="^[a-z]*$")]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=100)]
    price: float | None = None
    tags: list[Literal["hot", "cold"]] = []
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    id: UUID | None = None


MEMBERS = st.fixed_dictionaries(
    {"sku": st.sampled_from(["tea", "", "TEA", "tea-oolong", 1])},
    optional={
        "quantity": st.sampled_from([1, 0, 100, 101, 2.5, "1", None, True]),
        "price": st.sampled_from([1, 1.5, None, "x"]),
        "tags": st.sampled_from([[], ["hot"], ["warm"], "hot", None]),
        "at": st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01", "x", None]),
        "id": st.sampled_from(["7e6e5c6e-0000-4000-8000-000000000000", "x", None]),
        "other": st.just(1),
    },
)


@settings(max_examples=400)
@given(MEMBERS)
def test_gateway_and_worker_take_the_same_bodies(body: dict[str, Any]) -> None:
    """The schema of a type says what the type takes, so nobody refuses what the other took."""
    schema = schema_of(Order)
    call = Call(id="r", operation="s.o", body=msgspec.json.encode(body))
    fits = Checker(schema).fits(content.value(Asked(call.body)))
    try:
        BodyReader(Order).read(call)
    except Fault:
        assert not fits, body
    else:
        assert fits, body


def test_a_service_of_the_sdk_describes_itself() -> None:
    """What comes out is what goes in again."""
    described = describe("orders", orders)
    assert msgspec.json.decode(described.encode(), type=Contract) == described
    assert "orders.create" in {one.name for one in described.operations}
