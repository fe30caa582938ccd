from contracts.call import Call, Reply
from ingress.auth.forward.build import build
from ingress.auth.forward.sections import ForwardAuthSection
from ingress.auth.identity import Identity
from tests.ingress.auth.asking import Directory, bearer
from tests.ingress.auth.site import answer, site


async def nobody(call: Call, within: float) -> Reply:
    return Reply.json({"id": f"{call.operation} {within:g}"})


async def test_an_operation_decides() -> None:
    """It is asked with what the gateway gives for asking."""
    section = ForwardAuthSection(operation="auth.check")
    one = build("gate", section, Directory(), nobody)
    found = one.authenticate(bearer("t"))
    assert not isinstance(found, Identity)
    assert (await found).id == "auth.check 2"
    assert one.settings()["asks"] == "auth.check"


async def test_a_url_decides() -> None:
    """Its answer is read as the section says; the query is not shown."""
    async with site(lambda _: answer(fields="X-User: ann\r\n")) as asked:
        section = ForwardAuthSection.model_validate(
            {"url": f"{asked.url}/check?key=s3cret", "answer": {"id": "X-User"}}
        )
        one = build("gate", section, Directory(), nobody)
        found = one.authenticate(bearer("t"))
        assert not isinstance(found, Identity)
        assert (await found).id == "ann"
        assert "s3cret" not in repr(one.settings())
        await one.close()
