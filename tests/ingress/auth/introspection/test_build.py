from ingress.auth.introspection.build import build
from ingress.auth.introspection.sections import IntrospectionSection
from tests.ingress.auth.asking import Directory


async def test_it_is_built_without_asking_anybody() -> None:
    """Neither a loop nor the issuer is needed, and what is told holds no query."""
    section = IntrospectionSection(
        url="https://id.example/x?key=abc", client_id="a", client_secret="b", cookie="id"
    )
    one = build("sso", section, Directory())
    assert one.name == "sso"
    assert one.settings()["url"] == "https://id.example/x"
    assert one.credentials.cookies == {"id"}
    await one.close()
