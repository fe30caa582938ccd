"""What a request must look like before it is believed, byte by byte.

The server underneath reads leniently: it takes ``Transfer-Encoding : chunked``
for a field of another name, a five in Arabic digits for a length, a bare line feed
for a part of a value. A proxy in front of us may read the same bytes in another
way, and where two readers disagree on the end of a request its body becomes
the next one: request smuggling. So whatever has two readings is refused
(RFC 9112 sections 2.2, 3, 5.1, 6.1 and 7.1), and the connection with it.
"""

import re
from typing import Final

from contracts.fault import Fault
from ingress.guard import hosts
from ingress.guard.limits import USUAL, Limits

# RFC 9110 section 5.6.2.
TOKEN: Final = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"

# Groups are not repeated possessively: until 3.11.5 Python did not go back where the last round of
# one had failed, and took the beginning of an extension for a whole one (cpython issue 106052).
# RFC 9112 section 3 and 5. A target with a fragment or a control character is none.
_HEAD: Final = re.compile(
    rb"(?P<method>" + TOKEN + rb"++) (?P<target>[!\x22$-~]++) HTTP/1\.[01]"
    rb"(?:\r\n" + TOKEN + rb"++:[\t\x20-\x7e\x80-\xff]*+)*"
)
# Section 3.2.2. Who stands before "@" is nobody whom a gateway could ask.
_ABSOLUTE: Final = re.compile(rb"https?://(?P<host>[^/?@]+)(?:[/?].*)?", re.IGNORECASE)
_HOST: Final = re.compile(rb"\r\nhost:[\t ]*+([^\r]*)", re.IGNORECASE)
# Section 6.2: digits, which are ASCII's. 18 of them fit everybody's integers.
_LENGTH: Final = re.compile(
    rb"\r\ncontent-length:[\t ]*[0-9]{1,18}[\t ]*(?=\r\n|\Z)", re.IGNORECASE
)
_CHUNKED: Final = re.compile(
    rb"\r\ntransfer-encoding:[\t ]*chunked[\t ]*(?=\r\n|\Z)", re.IGNORECASE
)
# Readers that take an underscore for a hyphen would find a second length.
_DISGUISED: Final = re.compile(rb"\r\n(?:content_length|transfer_encoding):", re.IGNORECASE)
_EXPECT: Final = re.compile(rb"\r\nexpect:[\t ]*+([^\r]*)", re.IGNORECASE)
# Section 7.1, from the end of what was before it, the line end that is ours to check.
_CHUNK: Final = re.compile(
    rb"\r\n(?P<size>[0-9A-Fa-f]{1,16})"
    rb"(?P<extensions>(?:;" + TOKEN + rb"++(?:=(?:" + TOKEN + rb"++"
    rb'|"(?:[\t !#-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)*)\r\n'
)
# Bytes. A chunk's size with its extensions, and the extensions of all chunks of a body; nobody
# needs more.
_LONGEST_CHUNK_HEAD: Final = 256
MOST_EXTENSIONS: Final = 1024
# Bytes. No method is longer.
_LONGEST_METHOD: Final = 64


def fault_in_head(head: bytes, *, version: str, body: bool, limits: Limits = USUAL) -> Fault | None:
    """Say what is wrong with a request's head.

    ``head`` is all before the empty line, ``version`` is ``1.1`` or ``1.0``.
    ``body`` says whether the server found a length or a transfer coding.
    """
    said = _HEAD.fullmatch(head)
    if said is None:
        return _invalid("the request line or a header field has bytes that do not belong there")
    if len(head) > limits.max_header_size or len(said["target"]) > limits.max_url:
        return fault_in_size(head, limits)
    if head.count(b"\r\n") > limits.max_headers:
        return Fault("headers_too_large", f"at most {limits.max_headers} fields are accepted")
    wrong = (
        _wrong_host(head, said["method"], said["target"], version)
        or (_wrong_length(head, version) if body else "")
        or ("a name of a field is in disguise" if _DISGUISED.search(head) else "")
    )
    if wrong:
        return _invalid(wrong)
    expected = _EXPECT.findall(head)
    if expected and [one.rstrip(b" \t").lower() for one in expected] != [b"100-continue"]:
        return Fault("expectation_failed", "only 100-continue is understood")
    return None


def fault_in_size(head: bytes | bytearray, limits: Limits = USUAL) -> Fault:
    """Say what is too much in the beginning of a head that is too long."""
    line, end, _ = bytes(head).partition(b"\r\n")
    method, space, target = line.partition(b" ")
    if not space or len(method) > _LONGEST_METHOD:
        return _invalid("the request line has no end")
    if end and len(target) - len(" HTTP/1.1") <= limits.max_url:
        most = f"at most {limits.max_header_size} bytes of headers are accepted"
        return Fault("headers_too_large", most)
    return Fault("uri_too_long", f"at most {limits.max_url} bytes of a target are accepted")


def _invalid(detail: str) -> Fault:
    return Fault("invalid_request", detail)


def _wrong_host(head: bytes, method: bytes, target: bytes, version: str) -> str:
    """Say what is wrong with where the request wants to go (section 3.2)."""
    said = [host.rstrip(b" \t") for host in _HOST.findall(head)]
    if len(said) != 1 and (said or version != "1.0"):
        return "a request has exactly one Host"
    if not all(hosts.well_formed(host.decode("latin-1")) for host in said):
        return "the Host is no host"
    if method == b"CONNECT":
        return "this is no proxy: there is nothing to connect to"
    if target.startswith(b"/") or (target == b"*" and method == b"OPTIONS"):
        return ""
    return _wrong_url(target, said)


def _wrong_url(target: bytes, said: list[bytes]) -> str:
    """Say what is wrong with a target that is no path; ``said`` is what Host says."""
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        return "the target is neither a path nor a URL of ours"
    # Section 3.2.2 lets the target win; but who stands before us may have gone by the Host.
    if said and absolute["host"].lower() != said[0].lower():
        return "target and Host name different hosts"
    return "" if hosts.well_formed(absolute["host"].decode("latin-1")) else "the Host is no host"


def _wrong_length(head: bytes, version: str) -> str:
    """Say why it is not clear where the body ends (section 6.3)."""
    if _LENGTH.search(head):
        return ""
    if not _CHUNKED.search(head):
        return "the length of the body is not clear"
    return "HTTP/1.0 knows no transfer codings" if version == "1.0" else ""


def chunk(buffer: bytes | bytearray) -> tuple[int, int] | None:
    """Give the size of the chunk that begins here, and that of its extensions.

    ``buffer`` begins with the line end that closes what was before the chunk. ``None`` when more
    must come. Raises ``ValueError`` for what cannot become the head of a chunk.
    """
    said = _CHUNK.match(buffer)
    if said:
        return int(said["size"], 16), len(said["extensions"])
    end = buffer.find(b"\n", 2)
    if end >= 0 or len(buffer) > _LONGEST_CHUNK_HEAD or not b"\r\n".startswith(buffer[:2]):
        raise ValueError("the body is not well chunked")
    return None
