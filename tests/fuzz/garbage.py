"""Bytes that mean harm, or nothing: made from what is right, by chance, the same for each seed."""

import base64
import hashlib
import hmac
import random
import time
from collections.abc import Callable
from typing import Final

import msgspec

from tests.ingress.requests import cases

SECRET: Final = "fuzz-fuzz-fuzz-fuzz-fuzz-fuzz-fuzz-fuzz"
KEY: Final = "annas-key-for-the-fuzz-and-nothing-else"

_CORPUS: Final = [case.data for case in cases()]
_NASTY: Final = (
    *(b"\x00", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\t", b" ", b"\xff", b"\xc3\xa9", b"%", b"%00"),
    *(b'"', b"\\", b"{", b"[", b",", b":", b";", b"=", b"-1", b"1e400", b"0x", b"NaN", b"null"),
    *(b"../", b"%2e%2e/", b"9" * 30, b"a" * 300, b"\xf0\x9f\x92\xa9", b"\xed\xa0\x80", b"$ref"),
)
_METHODS: Final = (b"GET", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"HEAD", b"PATCH", b"X")
_PATHS: Final = (
    *(b"/ok", b"/json", b"/form", b"/msgpack", b"/raw/x", b"/key", b"/jwt", b"/signed", b"/any"),
    *(b"/items/1", b"/items/x", b"/cached", b"/none", b"/", b"/limited"),
)
_MEDIA: Final = (
    *(b"application/json", b"application/x-www-form-urlencoded", b"application/msgpack"),
    *(b"multipart/form-data; boundary=x", b"text/plain", b"application/problem+json", b"x", b""),
)
_NAMES: Final = (
    *(
        b"X-A",
        b"Accept",
        b"Accept-Encoding",
        b"Cookie",
        b"Content-Encoding",
        b"Range",
        b"Via",
        b"TE",
    ),
    *(b"If-None-Match", b"If-Modified-Since", b"Cache-Control", b"Vary", b"Forwarded", b"Expect"),
    *(b"X-Forwarded-For", b"Origin", b"Access-Control-Request-Method", b"X-Request-ID", b"Upgrade"),
    *(b"Traceparent", b"Tracestate", b"Idempotency-Key", b"Queuegate-Replay", b"Connection"),
    *(b"Signature", b"Signature-Input", b"Content-Digest", b"X-Api-Key", b"Authorization", b"Date"),
    *(b"Sec-WebSocket-Key", b"Access-Control-Request-Headers", b"X-HTTP-Method-Override", b"Age"),
)


class Garbage:
    """Makes requests: ``Garbage(seed).request()`` gives pieces of bytes, sent one after another."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._kinds: tuple[Callable[[], bytes], ...] = (
            self._of_the_corpus,
            self._raw,
            self._headers,
            self._headers,
            self._token,
            self._token,
            self._body,
            self._body,
            self._target,
        )

    def request(self) -> list[bytes]:
        """Give one or more requests, whole or in pieces."""
        data = b"".join(self._one() for _ in range(self.chance.choice([1, 1, 1, 2, 4])))
        places = sorted(self.chance.randrange(len(data) + 1) for _ in range(self._few()))
        return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]

    def text(self, of: bytes) -> bytes:
        """Change a text here and there."""
        data = bytearray(of)
        for _ in range(1 + self._few()):
            at = self.chance.randrange(len(data) + 1)
            match self.chance.randrange(5):
                case 0:
                    data[at : at + 1] = bytes([self.chance.randrange(256)])
                case 1:
                    data[at:at] = self.chance.choice(_NASTY)
                case 2:
                    del data[at : at + self.chance.randrange(1, 20)]
                case 3:
                    other = self.chance.randrange(len(data) + 1)
                    data[at:at] = data[other : other + self.chance.randrange(60)]
                case _:
                    data[at:at] = data[at : at + 4] * self.chance.randrange(1, 40)
        return bytes(data)

    def _few(self) -> int:
        return self.chance.choice([0, 0, 0, 1, 2, 3])

    def _one(self) -> bytes:
        return self.chance.choice(self._kinds)()

    def _of_the_corpus(self) -> bytes:
        return self.text(self.chance.choice(_CORPUS)[:20_000])

    def _raw(self) -> bytes:
        return self.chance.randbytes(self.chance.randrange(200)) + b"\r\n\r\n"

    def _request(self, lines: list[bytes], path: bytes = b"", body: bytes = b"") -> bytes:
        pick = self.chance.choice
        first = b" ".join((pick(_METHODS), path or pick(_PATHS), b"HTTP/1.1"))
        if body:
            length = len(body) + pick([0] * 8 + [1, -1])
            lines = [*lines, b"Content-Length: %d" % max(0, length)]
        return b"\r\n".join((first, b"Host: a", *lines, b"", b"")) + body

    def _value(self) -> bytes:
        if self.chance.random() < 0.3:
            return self.chance.choice(_NASTY)
        values = (
            b"gzip, *;q=0",
            b'W/"a", "b"',
            b"bytes=0-1",
            b"no-cache",
            b"a=b; c=d",
            b"*",
            b"1.1.1.1",
        )
        return self.text(self.chance.choice(values))

    def _headers(self) -> bytes:
        names = self.chance.sample(_NAMES, self.chance.randrange(1, 8))
        return self._request([name + b": " + self._value() for name in names])

    def _target(self) -> bytes:
        return self._request([], self.text(self.chance.choice(_PATHS) + b"?a=1&b=%20&limit=5"))

    def _body(self) -> bytes:
        pick = self.chance.choice
        bodies = (
            msgspec.json.encode({"sku": "tea", "quantity": 2, "tags": ["a"], "deep": {"a": [1]}}),
            msgspec.msgpack.encode({"sku": "tea", "quantity": 2, "blob": b"\x00\xff"}),
            b"sku=tea&quantity=2&note=%C3%A9",
            b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n',
            b"[" * self.chance.randrange(1, 3000),
            b'{"a":' * self.chance.randrange(1, 3000),
            b'"' + b"\\ud800" * 20 + b'"',
            self.chance.randbytes(self.chance.randrange(1, 500)),
        )
        body = pick(bodies)
        if self.chance.random() < 0.8:
            body = self.text(body)
        lines = [b"Content-Type: " + pick(_MEDIA)]
        if self.chance.random() < 0.2:
            lines.append(b"Content-Encoding: " + pick((b"gzip", b"br", b"deflate", b"gzip, gzip")))
        paths = (b"/json", b"/form", b"/msgpack", b"/any", b"/raw/x")
        return self._request(lines, pick(paths), body)

    def _token(self) -> bytes:
        pick = self.chance.choice
        shown = (
            b"Authorization: Bearer " + self._jwt(),
            b"Authorization: Bearer " + self.text(self._jwt()),
            b"X-Api-Key: " + self.text(KEY.encode()),
            b"X-Api-Key: " + KEY.encode(),
            b"Authorization: Basic " + self.text(base64.b64encode(b"anna:secret")),
            b"Authorization: " + self.text(b"Digest username=a"),
            b"Signature-Input: " + self.text(b'sig=("@method" "@path");created=1;keyid="shop"'),
        )
        lines = [pick(shown) for _ in range(pick([1, 1, 1, 2]))]
        if b"Signature" in lines[0]:
            lines.append(b"Signature: " + self.text(b"sig=:YWJj:"))
        return self._request(lines, pick((b"/jwt", b"/key", b"/signed", b"/any")))

    def _jwt(self) -> bytes:
        pick = self.chance.choice
        now = int(time.time())
        header: dict[str, object] = {
            "alg": pick(["HS256", "HS256", "HS256", "none", "RS256", "HS512", 1, None])
        }
        claims: dict[str, object] = {
            "sub": pick(["anna", "", 1, None, "a\x00b"]),
            "exp": pick([now + 60, now - 60, "x"]),
        }
        if self.chance.random() < 0.3:
            claims[pick(["nbf", "iat", "aud", "iss", "scope"])] = pick(
                [1e300, -1, [], {}, "a", True]
            )
        if self.chance.random() < 0.2:
            header[pick(["kid", "typ", "crit", "b64", "jwk", "x5u"])] = pick(["a", [], {}, 1, True])
        parts = [_base64url(self._maybe(msgspec.json.encode(part))) for part in (header, claims)]
        signed = b".".join(parts)
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
        return signed + b"." + _base64url(self._maybe(mac))

    def _maybe(self, data: bytes) -> bytes:
        return self.text(data) if self.chance.random() < 0.2 else data


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
