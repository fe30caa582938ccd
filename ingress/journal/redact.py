"""Takes out of a record what must not be written down.

A value is replaced by ``REDACTED``, or by a keyed digest of it (HMAC-SHA-256) where equality
matters: the same card number gives the same digest, and without the key none can be tried out.

A body is looked into when it is JSON, msgpack or a form. What claims to be one of them and cannot
be parsed, and what is compressed, is withheld whole: a secret that cannot be found is no reason to
keep it. A body in which something was replaced is written anew, so its spacing may differ.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec

from ingress.journal import jsonpath, names
from ingress.journal.record import Pairs

REDACTED: Final = "REDACTED"

# Headers whose value is a URL, which has a query of its own.
_URLS: Final = frozenset({"referer", "location", "content-location"})
_PASSWORD: Final = re.compile(r"(?<=//)[^/?#@]*@")
_MSGPACK: Final = frozenset(
    {"application/msgpack", "application/x-msgpack", "application/vnd.msgpack"}
)
_FORM: Final = "application/x-www-form-urlencoded"
# What is not looked through as text.
_OTHERWISE: Final = _MSGPACK | {_FORM}

# Headers and body.
Message = tuple[Pairs, bytes]


# What headers say: the media type, whether it is compressed, and if one may have to go.
_Looked = tuple[str, bool, bool]


class Rules:
    """What is taken out besides what always is.

    ``headers`` and ``query`` are names; ``body`` are paths as :mod:`.jsonpath` reads them.
    ``hashed`` are those names and paths of which a digest stays: also of those that always are
    taken out.
    """

    __slots__ = ("body", "hashed", "headers", "query")

    def __init__(
        self,
        *,
        headers: tuple[str, ...] = (),
        query: tuple[str, ...] = (),
        body: tuple[str, ...] = (),
        hashed: tuple[str, ...] = (),
    ) -> None:
        self.headers = headers
        self.query = query
        self.body = body
        self.hashed = hashed

    def __repr__(self) -> str:
        return f"<Rules {self.headers} {self.query} {self.body}, hashed {self.hashed}>"


class Redaction:
    """Compiled rules. ``marks`` of its methods are lists that get the names of what was taken out.

    ``secret`` keys the digests. Raises ``ValueError`` for a path that is none.
    """

    def __init__(self, rules: Rules, secret: bytes = b"") -> None:
        self._secret = secret
        self._headers = names.HEADERS | {name.lower() for name in rules.headers}
        self._query = names.QUERY | {names.plain(name) for name in rules.query}
        paths = (*rules.body, *(one for one in rules.hashed if one.startswith("$")))
        self._paths = {text: jsonpath.parse(text) for text in dict.fromkeys(paths)}
        self._hashed_paths = {one for one in rules.hashed if one.startswith("$")}
        self._hashed = {names.plain(one) for one in rules.hashed if not one.startswith("$")}
        for one in rules.hashed:
            if not one.startswith("$"):
                # Whatever it is the name of: a digest is asked for nothing that may be read.
                self._headers |= {one.lower()}
                self._query |= {names.plain(one)}
        # Most requests have none of them, and that is seen at once.
        self._looked_at = self._headers | _URLS
        self._noted = self._looked_at | {"content-type", "content-encoding"}

    def message(
        self, pairs: Pairs, data: bytes, where: str, marks: list[str]
    ) -> tuple[Pairs, bytes]:
        """Take out of headers and body together, in one look at the headers."""
        kind, encoded, hidden = self._looked(pairs)
        kept = self.headers(pairs, where, marks) if hidden else pairs
        if encoded and data:
            return kept, _withheld(where, marks, "it is compressed")
        return kept, self._body(kind, data, where, marks)

    def exchange(
        self, request: Message, reply: Message, marks: list[str]
    ) -> tuple[Pairs, bytes, Pairs, bytes]:
        """Take out of a request and its answer, as of two messages.

        As nearly all are: two bodies of text, which are looked through in one go.
        """
        sent, asked = request
        back, answer = reply
        kind, encoded, hidden = self._looked(sent)
        other_kind, other_encoded, other_hidden = self._looked(back)
        plain = (
            not (encoded or other_encoded or self._paths)
            and kind not in _OTHERWISE
            and other_kind not in _OTHERWISE
        )
        if not plain or _may_hold(asked + b"\n" + answer):
            sent, asked = self.message(sent, asked, "request", marks)
            back, answer = self.message(back, answer, "reply", marks)
            return sent, asked, back, answer
        if hidden:
            sent = self.headers(sent, "request", marks)
        if other_hidden:
            back = self.headers(back, "reply", marks)
        return sent, asked, back, answer

    def _looked(self, pairs: Pairs) -> _Looked:
        kind, encoded, hidden = "", False, False
        noted = self._noted
        for name, value in pairs:
            if name in noted:
                if name == "content-type":
                    kind = _kind(value)
                elif name == "content-encoding":
                    encoded = encoded or value.lower() != "identity"
                hidden = hidden or name in self._looked_at
        return kind, encoded, hidden

    def headers(self, pairs: Pairs, where: str, marks: list[str]) -> Pairs:
        """Take out of headers; ``where`` begins the marks: ``request`` or ``reply``."""
        if self._looked_at.isdisjoint([name for name, _ in pairs]):
            return pairs
        found = []
        for name, value in pairs:
            if name in self._headers:
                marks.append(f"{where}.header {name}")
                found.append((name, self._instead(name, value)))
            elif name in _URLS:
                found.append((name, self._url(value, f"{where}.header {name}", marks)))
            else:
                found.append((name, value))
        return tuple(found)

    def query(self, text: str, where: str, marks: list[str]) -> str:
        """Take out of a query or a form, whose other bytes stay as they are."""
        if not text:
            return text
        parts = text.split("&")
        for number, part in enumerate(parts):
            name, equals, value = part.partition("=")
            if equals and value and names.plain(unquote_plus(name)) in self._query:
                marks.append(f"{where} {name}")
                parts[number] = f"{name}={self._instead(unquote_plus(name), unquote_plus(value))}"
        return "&".join(parts)

    def body(self, data: bytes, headers: Pairs, where: str, marks: list[str]) -> bytes:
        """Take out of a body; gives nothing of it where that cannot be done."""
        kind = ""
        for name, value in headers:
            if name == "content-type":
                kind = _kind(value)
            elif name == "content-encoding" and data and value.lower() != "identity":
                return _withheld(where, marks, "it is compressed")
        return self._body(kind, data, where, marks)

    def _body(self, kind: str, data: bytes, where: str, marks: list[str]) -> bytes:
        if kind == _FORM:
            return self.query(data.decode("latin-1"), f"{where}.body", marks).encode("latin-1")
        if kind in _MSGPACK and data:
            return self._parsed(data, where, marks, msgspec.msgpack)
        # Most bodies hold none of it, and to see that is quicker than to parse them.
        if not data or not (self._paths or _may_hold(data)):
            return data
        return self._searched(kind, data, where, marks)

    def _searched(self, kind: str, data: bytes, where: str, marks: list[str]) -> bytes:
        if kind == "application/json" or kind.endswith("+json") or data.lstrip()[:1] in _BEGINNINGS:
            return self._parsed(data, where, marks, msgspec.json)
        if self._paths or _LOOSE.search(data):
            return _withheld(where, marks, "it cannot be looked into")
        return data

    def _url(self, text: str, where: str, marks: list[str]) -> str:
        rest, hash_, fragment = text.partition("#")
        path, mark, query = rest.partition("?")
        if _PASSWORD.search(path):
            marks.append(f"{where} user")
            path = _PASSWORD.sub(f"{REDACTED}@", path)
        # OAuth's implicit grant puts the token behind the hash.
        return (
            f"{path}{mark}{self.query(query, where, marks)}"
            f"{hash_}{self.query(fragment, where, marks)}"
        )

    def _parsed(self, data: bytes, where: str, marks: list[str], codec: Any) -> bytes:  # noqa: ANN401 - a module
        try:
            value = [codec.decode(data)]
            count = self._change_names(value, where, marks)
            for text, path in self._paths.items():
                if jsonpath.change(value, (_FIRST, *path), self._changer(text)):
                    marks.append(f"{where}.body {text}")
                    count += 1
            return bytes(codec.encode(value[0])) if count else data
        except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError):
            return _withheld(where, marks, "it cannot be parsed")

    def _change_names(self, value: Any, where: str, marks: list[str]) -> int:  # noqa: ANN401 - any JSON value
        """Take out all members with a name under which secrets travel, at any depth."""
        count = 0
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, list):
                waiting += one
            elif isinstance(one, dict):
                for key, inner in one.items():
                    if isinstance(key, str) and names.plain(key) in names.FIELDS:
                        if inner not in _NOTHING:
                            one[key] = self._instead(key, inner)
                            marks.append(f"{where}.body {key}")
                            count += 1
                    else:
                        waiting.append(inner)
        return count

    def _changer(self, text: str) -> Callable[[Any], str]:
        if text in self._hashed_paths:
            return self._digest
        return lambda _: REDACTED

    def _instead(self, name: str, value: Any) -> str:  # noqa: ANN401 - any JSON value
        return self._digest(value) if names.plain(name) in self._hashed else REDACTED

    def _digest(self, value: Any) -> str:  # noqa: ANN401 - any JSON value
        data = value.encode() if isinstance(value, str) else msgspec.json.encode(value)
        return "hmac-" + hmac.new(self._secret, data, hashlib.sha256).hexdigest()[:32]


_FIRST: Final = jsonpath.Step(0)
_BEGINNINGS: Final = frozenset({b"{", b"["})
_NOTHING: Final = (None, "", False)
# A name with a value behind it in text of any kind: XML, multipart, INI.
_LOOSE: Final = re.compile(
    rb"(?:(?:access|id|refresh)?[_-]?token|api[_-]?key|private[_-]?key|passwo?r?d"
    rb"|(?:client[_-]?)?secret)[\"']?\s*[>=:\r\n]",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)
def _kind(value: str) -> str:
    """Give the media type of a Content-Type."""
    return value.partition(";")[0].strip().lower()


def _may_hold(data: bytes) -> bool:
    """Whether one of the names may stand in a text: each has one of these in it.

    Written out, since every body that is recorded comes by here; an escape can hide a name. As
    text, of which Python says three times as fast what is in it as of bytes.
    """
    small = data.lower().decode("latin-1")
    return (
        "secret" in small
        or "passw" in small
        or ("\\" in small and "\\u" in small)
        # Both have this in them, and most texts do not.
        or ("ke" in small and ("token" in small or "key" in small))
    )


def _withheld(where: str, marks: list[str], why: str) -> bytes:
    marks.append(f"{where}.body: withheld, {why}")
    return b""
