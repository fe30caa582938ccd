"""What is compared: two answers to one request."""

import msgspec

Pairs = tuple[tuple[str, str], ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One answer, as its client saw it.

    ``status`` is 0 when there was none, and ``error`` says why. ``code`` is the fault's code, empty
    for none. ``seconds`` is how long it took. ``cut`` says that ``body`` is only the beginning,
    ``hidden`` names what was taken out of it before it was kept (``header:set-cookie``,
    ``$.card.number``): there is nothing to compare there. ``bare`` says that headers and body were
    not kept at all.
    """

    status: int = 0
    headers: Pairs = ()
    body: bytes = b""
    code: str = ""
    error: str = ""
    seconds: float = 0.0
    cut: bool = False
    hidden: tuple[str, ...] = ()
    bare: bool = False

    def values(self) -> dict[str, list[str]]:
        """Give the headers by lower-case name, each with all its values in their order."""
        found: dict[str, list[str]] = {}
        for name, value in self.headers:
            found.setdefault(name.lower(), []).append(value)
        return found


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """The two answers to one request.

    ``id`` is the original's request id, ``what`` the request line: ``GET /v1/orders?limit=3``.
    """

    id: str
    route: str
    what: str
    left: Answer
    right: Answer


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not the same.

    ``path`` is ``answer``, ``status``, ``header:NAME``, ``body``, or a path into a JSON body whose
    list indexes are ``[*]``. ``kind`` is ``changed``, ``type``, ``missing`` (only on the left) or
    ``added``; for a status the two of them. ``left`` and ``right`` are texts to be shown.
    """

    path: str
    kind: str
    left: str = ""
    right: str = ""
