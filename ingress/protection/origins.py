"""Which web origins a route may be read from (RFC 6454, and the Fetch standard section 3.2).

An origin is a scheme, a host and a port, written as browsers write it: in lower case, without the
scheme's usual port and without a slash behind it.
"""

import re
from collections.abc import Iterable
from typing import Final

ANY: Final = "*"

_USUAL: Final = {"http": "80", "https": "443"}
_HOST: Final = r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]"
_ORIGIN: Final = re.compile(rf"([a-z][a-z0-9+.-]*)://({_HOST})(?::([0-9]{{1,5}}|\*))?")
PATTERN: Final = rf"^(\*|{_ORIGIN.pattern})$"


class Origins:
    """Origins as the route file writes them: ``"https://a.example" in Origins(texts)``.

    ``https://*.example.com`` is any name below that one, ``http://localhost:*`` any port.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self.any = ANY in self.texts
        self._exact = frozenset(text for text in self.texts if ANY not in text)
        forms = [_form(text) for text in self.texts if ANY in text and text != ANY]
        self._forms = re.compile("|".join(forms)) if forms else None

    def __contains__(self, origin: str) -> bool:
        if self.any or origin in self._exact:
            return True
        return self._forms is not None and self._forms.fullmatch(origin) is not None

    def __repr__(self) -> str:
        return f"<Origins {', '.join(self.texts)}>"


def check(text: str) -> str:
    """Hold an origin against the notation; raises ``ValueError`` that says what to write."""
    if text == ANY:
        return text
    if text == "null":
        # Every sandboxed frame and local file has it, whoever's they are.
        raise ValueError("the origin null is anybody's; it cannot be allowed")
    said = _ORIGIN.fullmatch(text)
    if said is None:
        raise ValueError("an origin is scheme://host or scheme://host:port, in lower case, or *")
    if said[3] and _USUAL.get(said[1]) == said[3]:
        raise ValueError(f"browsers leave the port {said[3]} out; leave it out here too")
    return text


def _form(text: str) -> str:
    form = re.escape(text).replace(r"://\*\.", r"://(?:[a-z0-9_-]+\.)+")
    return re.sub(r":\\\*$", r"(?::[0-9]{1,5})?", form)
