"""What `queuegate doctor` says of the public port."""

from pathlib import Path

import pytest

from ingress import routefile
from ingress.doctor import Finding
from ingress.guard import checkup
from tests.harness.certificates import Authority

TLS = "tls: {certificate: one.pem, key: one.key}"


def look(folder: Path, text: str) -> list[Finding]:
    routes = f"{text}\nroutes: [{{route: GET /x, operation: a.b}}]"
    return checkup.look(routefile.parse(routes.encode(), environment={}), folder)


def test_plain_http_needs_nothing(tmp_path: Path) -> None:
    """There is nothing to say of it."""
    assert look(tmp_path, "") == []


@pytest.mark.parametrize(
    "days,verdict,detail", [(90, "ok", "good for"), (5, "wrong", "ends in"), (-1, "wrong", "ended")]
)
def test_a_certificate_that_ends_soon_is_wrong(
    days: int, verdict: str, detail: str, tmp_path: Path
) -> None:
    """Before it has ended, so that there is time to get another."""
    Authority(tmp_path).issue("one", days=days)
    (found,) = look(tmp_path, TLS)
    assert found.verdict == verdict
    assert detail in found.detail


def test_a_key_that_others_can_read_is_wrong(tmp_path: Path) -> None:
    """Whoever is on the machine could be us."""
    Authority(tmp_path).issue("one", days=90).key.chmod(0o644)
    assert [found.advice for found in look(tmp_path, TLS)][1].startswith("chmod 600")


def test_what_could_not_be_served_with_is_wrong(tmp_path: Path) -> None:
    """With its line in the route file."""
    (found,) = look(tmp_path, TLS)
    assert found.verdict == "wrong"
    assert "one.pem: no such file" in found.detail
