"""A path as its segments: split first, then percent-decoded (RFC 3986 section 2.4)."""

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from contracts.fault import Fault

_MALFORMED: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOTS: Final = frozenset({".", ".."})


def split(path: str) -> list[str]:
    """Split, then decode. Raises Fault for what is not well-formed."""
    if not path.startswith("/"):
        raise Fault("not_found", "a path begins with a slash")
    segments = path[1:].split("/")
    if "%" in path:
        if _MALFORMED.search(path):
            raise Fault("invalid_request", "the path has a % that encodes nothing")
        segments = [_decode(segment) if "%" in segment else segment for segment in segments]
    if not _DOTS.isdisjoint(segments):
        raise Fault("invalid_request", "the path has dot segments; resolve them before sending")
    return segments


def join(segments: list[str]) -> str:
    """Join the segments that a tail takes; an encoded slash makes no dot segment of them.

    It stays encoded, for it is data inside a segment: decoded, ``/admin%2Fusers`` would be handed
    on as the path of a route that it did not meet, and whose rules it was not held against.
    """
    tail = "/".join(segments)
    if "/." in f"/{tail}" and not _DOTS.isdisjoint(tail.split("/")):
        raise Fault("invalid_request", "the path has dot segments; resolve them before sending")
    if tail.count("/") >= len(segments):
        return "/".join(segment.replace("/", "%2F") for segment in segments)
    return tail


def _decode(segment: str) -> str:
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise Fault("invalid_request", "the path is not UTF-8 when decoded") from None
