"""What a request must look like before it is believed, byte by byte.

The server underneath reads leniently: it takes ``Transfer-Encoding : chunked``
for a field of another name, a five in Arabic digits for a length, a bare line feed
for a part of a value. A proxy in front of us may read the same bytes in another
way, and where two readers disagree on the end of a request its body becomes
the next one: request smuggling. So whatever has two readings is refused
(RFC 9112 sections 2.2, 3, 5.1, 6.1 and 7.1), and the connection with it.

Cheap enough for each request: about 1 µs.
"""

import re
from typing import Final

# RFC 9110 section 5.6.2.
TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"

# RFC 9112 section 3 and 5. A target with a fragment or a control character is none.
_HEAD: Final = re.compile(
    TOKEN + rb"++ [!\x22$-~]++ HTTP/1\.[01]"
    rb"(?:\r\n" + TOKEN + rb"++:[\t\x20-\x7e\x80-\xff]*+)*+"
)
# Section 6.2: digits, which are ASCII's. 18 of them fit everybody's integers.
_LENGTH: Final = re.compile(
    rb"\r\ncontent-length:[\t ]*[0-9]{1,18}[\t ]*(?=\r\n|\Z)", re.IGNORECASE
)
_CHUNKED: Final = re.compile(
    rb"\r\ntransfer-encoding:[\t ]*chunked[\t ]*(?=\r\n|\Z)", re.IGNORECASE
)
# Section 7.1, from the end of what was before it, the line end that is ours to check.
_CHUNK: Final = re.compile(rb"\r\n[0-9A-Fa-f]{1,16}[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n")
# Bytes. A chunk's size with its extensions; nobody needs more.
_LONGEST_CHUNK_HEAD: Final = 1024


def fault_in_head(head: bytes, *, version: str, body: bool) -> str:
    """Say what is wrong with a request's head; empty when nothing is.

    ``head`` is all before the empty line, ``version`` is ``1.1`` or ``1.0``.
    ``body`` says whether the server found a length or a transfer coding.
    """
    if not _HEAD.fullmatch(head):
        return "the request line or a header field has bytes that do not belong there"
    hosts = head.lower().count(b"\r\nhost:")
    if hosts != 1 and (hosts or version != "1.0"):
        return "a request has exactly one Host"
    if head.startswith(b"CONNECT "):
        return "this is no proxy: there is nothing to connect to"
    if body and not _LENGTH.search(head):
        if not _CHUNKED.search(head):
            return "the length of the body is not clear"
        if version == "1.0":
            return "HTTP/1.0 knows no transfer codings"
    return ""


def chunk_begins(buffer: bytes | bytearray) -> bool:
    """Say whether the head of a chunk is there whole; ``False`` when more must come.

    ``buffer`` begins with the line end that closes what was before the chunk.
    Raises ``ValueError`` for what cannot become the head of a chunk.
    """
    if _CHUNK.match(buffer):
        return True
    end = buffer.find(b"\n", 2)
    if end >= 0 or len(buffer) > _LONGEST_CHUNK_HEAD or not b"\r\n".startswith(buffer[:2]):
        raise ValueError("the body is not well chunked")
    return False
