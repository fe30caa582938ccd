"""A decision of somebody else, from the route file to the worker."""

from pathlib import Path

import msgspec

from contracts.fault import Fault
from tests.harness.waiting import eventually
from tests.ingress.auth.site import Asked, answer, site
from tests.ingress.embedded_broker import lived_in
from workers.context import Context
from workers.service import Service

ROUTES = """
auth:
  operation: {forward_auth: {operation: test.check, send: [x-pass], hand_on: [x-mail]}}
  page: {forward_auth: {url: "PAGE/check", send: [x-pass], hand_on: [x-mail], within: 300ms}}
routes:
  - {route: GET /operation, operation: test.who, auth: operation}
  - {route: GET /page, operation: test.who, auth: page}
  - {route: GET /open, operation: test.who}
"""


class Seen(msgspec.Struct):
    """What the worker was shown."""

    caller: str
    headers: dict[str, str]


async def test_a_decision_reaches_the_worker(tmp_path: Path) -> None:
    """Yes, no, may not and cannot tell are 200, 401, 403 and 503, by queue and by URL."""
    test = Service("test")

    @test.operation()
    async def who(ctx: Context) -> Seen:
        return Seen(ctx.call.caller.id, dict(ctx.call.headers))

    @test.operation()
    async def check(ctx: Context) -> dict[str, object]:
        match ctx.call.header("x-pass"):
            case "good":
                return {"id": "ann", "fields": {"x-mail": "ann@example"}}
            case "none":
                raise Fault("unauthenticated")
            case "less":
                raise Fault("forbidden")
        raise ValueError("the worker fails")

    def page(asked: Asked) -> bytes:
        assert asked.fields["x-forwarded-uri"] == "/page?a=b"
        status = {"good": 200, "none": 401, "less": 403}.get(asked.fields.get("x-pass", ""), 500)
        fields = "x-auth-request-user: ann\r\nx-mail: ann@example\r\n" if status == 200 else ""
        return answer(status=status, fields=fields)

    async with (
        site(page) as one,
        lived_in(tmp_path, test, ROUTES.replace("PAGE", one.url)) as house,
        house.client() as client,
    ):

        async def up() -> bool:
            return (await client.get("/open")).status_code == 200

        await eventually(up)
        for path in ("/operation", "/page?a=b"):
            forged = {"x-mail": "eve@example", "X-Mail": "mallory@example"}
            got = await client.get(path, headers={"x-pass": "good", **forged})
            seen = got.json()
            assert (seen["caller"], seen["headers"]["x-mail"]) == ("ann", "ann@example")
            assert "x-pass" not in seen["headers"]
            for shown, status, code in [
                ("none", 401, "unauthenticated"),
                ("less", 403, "forbidden"),
                ("broken", 503, "auth_unavailable"),
            ]:
                got = await client.get(path, headers={"x-pass": shown, "x-mail": "eve@example"})
                assert (got.status_code, got.json()["code"]) == (status, code)
            assert got.headers["retry-after"] == "1"
        await one.stop()
        got = await client.get("/page?a=b", headers={"x-pass": "good"})
        assert (got.status_code, got.json()["code"]) == (503, "auth_unavailable")
        await one.start()
