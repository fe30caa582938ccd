"""CBOR (RFC 8949), as much of it as JSON can carry, plus bytes: the one place that knows cbor2.

No tags: with those for shared values a few bytes stand for a million, and the others make dates,
numbers without bound and regular expressions, none of which crosses the wire. Depth is bounded,
lengths that promise more than is there fail, and a key may stand once.
"""

from io import BytesIO
from typing import Any, Final, NoReturn

import cbor2

from contracts import codec
from contracts.fault import Fault

# Those that cbor2 would read by itself; it asks ``tag_hook`` about all others.
_TAGS: Final = (
    *(0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 100, 256, 258, 260, 261, 1004, 43000, 55799),
)


def unpack(body: bytes) -> Any:  # noqa: ANN401 - whatever was packed
    """Turn CBOR into a value, or raise the Fault ``invalid_request``."""
    source = BytesIO(body)
    decoder = cbor2.CBORDecoder(
        source,
        tag_hook=_refuse,
        semantic_decoders=dict.fromkeys(_TAGS, _refuse),
        max_depth=codec.MAX_DEPTH,
        strict_hashable_types=True,
        allow_duplicate_keys=False,
    )
    try:
        value = decoder.decode()
    except (cbor2.CBORError, ValueError, OverflowError, MemoryError, RecursionError):
        raise Fault("invalid_request", "the body is not CBOR as it is taken here") from None
    if source.tell() != len(body):
        raise Fault("invalid_request", "the body goes on behind its CBOR")
    try:
        # Undefined, simple values, keys that are bytes: it is msgpack that says what may cross.
        codec.pack(value)
    except ValueError as error:
        raise Fault("invalid_request", f"the body holds {error}") from None
    return value


def pack(value: object) -> bytes:
    """Turn a value of JSON into CBOR."""
    return cbor2.dumps(value)


def _refuse(*_: object) -> NoReturn:
    raise ValueError("a tag")
