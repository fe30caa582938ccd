"""Consumers, keys and usage plans on the admin port."""

import pytest

from ingress.admin_guard import Access
from tests.ingress.test_admin_guard import opened


async def test_a_program_can_do_what_the_commands_can() -> None:
    """From the first consumer to the last."""
    async with opened(Access()) as client:
        plan = await client.patch("/v1/usage-plans/gold", json={"rates": ["10/s"]})
        assert (plan.status_code, plan.json()["rates"]) == (200, ["10/s"])
        order = {"name": "a@b.example", "plan": "gold", "groups": ["x"]}
        added = await client.post("/v1/consumers", json=order)
        assert (added.status_code, added.json()["origin"]) == (201, "store")
        issued = await client.post("/v1/keys", json={"consumer": "a@b.example", "label": "ci"})
        assert issued.status_code == 201
        name = issued.json()["id"]
        rotated = await client.post(f"/v1/keys/{name}/rotate", json={"overlap": 60})
        assert (rotated.status_code, rotated.json()["replaces"]) == (201, name)
        listed = (await client.get("/v1/keys?consumer=a%40b.example")).json()
        assert len(listed) == 2
        assert issued.json()["key"] not in str(listed)
        assert (await client.get("/v1/keys?consumer=nobody")).json() == []
        assert (await client.delete(f"/v1/keys/{name}")).json()["revoked"]
        shown = (await client.get("/v1/consumers/a%40b.example")).json()
        assert (shown["plan"], len(shown["keys"])) == ("gold", 1)
        assert (await client.delete("/v1/usage-plans/gold")).status_code == 409
        assert (await client.delete("/v1/consumers/a@b.example")).json()["removed"]
        assert (await client.delete("/v1/usage-plans/gold")).status_code == 200


@pytest.mark.parametrize(
    "method, path, more, status",
    [
        ("POST", "/v1/consumers", {"json": {"name": "a b"}}, 422),
        ("POST", "/v1/consumers", {"json": {}}, 422),
        ("POST", "/v1/consumers", {"json": {"name": "a", "colour": "red"}}, 422),
        (
            "POST",
            "/v1/consumers",
            {"content": b"{", "headers": {"content-type": "application/json"}},
            400,
        ),
        ("POST", "/v1/consumers", {"data": {"name": "a"}}, 415),
        ("POST", "/v1/consumers", {"json": {"name": "a"}, "headers": {"origin": "http://x"}}, 403),
        ("GET", "/v1/consumers/nobody", {}, 404),
        ("POST", "/v1/keys", {"json": {"consumer": "nobody"}}, 404),
        ("DELETE", "/v1/keys/none", {}, 404),
        ("PATCH", "/v1/usage-plans/a%20b", {"json": {}}, 422),
        ("PUT", "/v1/consumers", {"json": {}}, 405),
    ],
)
async def test_what_cannot_be_done_is_a_problem(
    method: str, path: str, more: dict[str, object], status: int
) -> None:
    """With the code that says why."""
    async with opened(Access()) as client:
        answer = await client.request(method, path, **more)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
