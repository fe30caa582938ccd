"""What crosses the wire: a Call goes to a worker, a Reply comes back.

Both are frozen records. Bodies are bytes and stay bytes: nothing between the
HTTP client and the operation parses a body unless a policy was asked to.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from contracts.fault import Fault

NO_PARAMS: Mapping[str, str] = MappingProxyType({})


class Caller(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Who is asking, as far as the gateway knows.

    ``id`` is empty for a caller that did not identify itself. ``address`` is
    the client's IP address as text.
    """

    id: str = ""
    address: str = ""
    scopes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


NOBODY = Caller()


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request as it crosses the wire.

    Units and shapes:

    - ``query`` is the raw query string without the question mark, so order,
      duplicates and encoding reach the worker as the client sent them;
    - ``params`` are the path parameters, percent-decoded;
    - ``headers`` are (lower-case name, value) pairs in the client's order,
      without the hop-by-hop ones (RFC 9110 section 7.6.1);
    - ``deadline`` is the moment the answer becomes worthless, in Unix
      milliseconds, 0 for none;
    - ``attempt`` counts from 1;
    - ``replay`` is ``RUN/ORIGINAL`` when a recorded call is sent again: the run
      that sends it and the request id of the original. Empty otherwise;
    - ``mirror`` is the route of a call of which this is a copy that nobody
      waits for. Empty otherwise.
    """

    id: str
    operation: str
    method: str = "POST"
    path: str = "/"
    query: str = ""
    params: Mapping[str, str] = NO_PARAMS
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    caller: Caller = NOBODY
    deadline: int = 0
    attempt: int = 1
    route: str = ""
    traceparent: str = ""
    tracestate: str = ""
    replay: str = ""
    mirror: str = ""

    def header(self, name: str, default: str = "") -> str:
        """Give the first value of a header; ``name`` in lower case."""
        for key, value in self.headers:
            if key == name:
                return value
        return default

    @property
    def service(self) -> str:
        """The part of the operation before the first dot: ``orders``."""
        return self.operation.partition(".")[0]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a Call: a status with headers and body, or a fault.

    ``worker_us`` is the time that the operation itself took, in microseconds,
    measured by the worker; ``None`` when the worker does not say.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    fault: Fault | None = None
    worker_us: int | None = None

    def header(self, name: str, default: str = "") -> str:
        """Give the first value of a header; ``name`` in lower case."""
        for key, value in self.headers:
            if key == name:
                return value
        return default

    @classmethod
    def json(
        cls,
        value: object,
        *,
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> "Reply":
        """Build a reply whose body is ``value`` as JSON (RFC 8259)."""
        return cls(
            status=status,
            headers=(("content-type", "application/json"), *headers),
            body=msgspec.json.encode(value),
        )

    @classmethod
    def of_fault(cls, fault: Fault, *, worker_us: int | None = None) -> "Reply":
        """Build the reply that reports ``fault``."""
        return cls(status=fault.status, fault=fault, worker_us=worker_us)
