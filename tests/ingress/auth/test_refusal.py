import re
from pathlib import Path

import ingress.auth
from ingress.auth.refusal import Refused

SENTENCE = re.compile(r'Refused\(\s*f?"([^"]*)"')


def test_each_refusal_can_stand_in_a_header() -> None:
    """Every sentence in the source is plain ASCII, so that WWW-Authenticate can carry it."""
    folder = Path(ingress.auth.__file__).parent
    texts = [text for file in folder.rglob("*.py") for text in SENTENCE.findall(file.read_text())]
    assert len(texts) > 10
    for text in texts:
        assert re.fullmatch(r"[a-z][ -!#-\[\]-~]*", text), text
    assert str(Refused("no")) == "no"


def test_a_refusal_has_a_code() -> None:
    """Without another word a token was invalid (RFC 6750 section 3.1)."""
    assert (Refused("no").reason, Refused("no").error) == ("no", "invalid_token")
    assert Refused("no", error="invalid_request").error == "invalid_request"
