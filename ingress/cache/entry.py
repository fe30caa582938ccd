"""A stored answer, with all that is needed to use it again."""

import msgspec

from contracts.call import Reply
from contracts.fault import Fault

Fields = tuple[tuple[str, str], ...]


class Entry(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """An answer to a GET; the moments are Unix seconds, so that processes may share it.

    ``born`` is when it would have left the worker were its age all there is, so that its age is
    always ``now - born``. It is fresh until it is ``lifetime`` seconds old.
    """

    host: str
    path: str
    # What else tells requests for the same path apart: the query, chosen fields, the caller.
    part: str
    # The fields that Vary names, and what the request said in them, normalised.
    vary: tuple[str, ...] = ()
    varied: tuple[str, ...] = ()
    status: int
    fields: Fields
    body: bytes
    born: float
    stored: float
    lifetime: float
    # Seconds beyond its lifetime that it may be used: while it is asked again, and after an error.
    revalidate: float = 0.0
    on_error: float = 0.0
    # No answer without asking the worker first; never stale, whatever the client would take.
    validate: bool = False
    strict: bool = False
    # Nobody said that it may be stored: the route did, or a guess.
    implied: bool = False
    etag: str = ""
    modified: float | None = None
    date: str = ""
    tags: tuple[str, ...] = ()
    # A fault is kept as its code and its problem document.
    code: str = ""
    problem: bytes = b""

    @property
    def cost(self) -> int:
        """Bytes that it takes, about: what Python adds to each string is in the constant."""
        said = sum(len(name) + len(value) for name, value in self.fields)
        return 1024 + len(self.body) + len(self.problem) + said + len(self.path) + len(self.part)

    def age(self, now: float) -> float:
        """Give its age in seconds."""
        return max(0.0, now - self.born)

    def reply(
        self, fields: Fields | None = None, *, status: int = 0, body: bytes | None = None
    ) -> Reply:
        """Give it as an answer, or what is left of it in one with another status."""
        if self.code:
            return Reply.of_fault(Fault.from_wire(self.code, msgspec.json.decode(self.problem)))
        return Reply(
            status=status or self.status,
            headers=self.fields if fields is None else fields,
            body=self.body if body is None else body,
        )
