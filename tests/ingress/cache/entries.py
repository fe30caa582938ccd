"""Stored answers for tests."""

from typing import Any

import msgspec

from ingress.cache.entry import Entry

_PLAIN = Entry(
    host="shop",
    path="/a",
    part="",
    status=200,
    fields=(("content-type", "text/plain"),),
    body=b"hello",
    born=1000.0,
    stored=1000.0,
    lifetime=60.0,
    etag='"1"',
    date="Thu, 01 Jan 1970 00:16:40 GMT",
)


def entry(**changes: Any) -> Entry:
    """Give an answer that was made and stored at 1000 s and is fresh for 60 s."""
    return msgspec.structs.replace(_PLAIN, **changes)
