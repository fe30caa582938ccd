"""Any dialect, with a signed statement of who calls."""

from msgspec.structs import replace

from contracts.brokers.port import Message
from contracts.call import Call, Reply
from contracts.callers.signer import Signer
from contracts.callers.statement import HEADER
from contracts.dialects.port import Dialect

_LAST = "x-deadline"


class Vouched:
    """Speaks as ``dialect`` does; its requests say who calls, signed by ``signer``."""

    def __init__(self, dialect: Dialect, signer: Signer) -> None:
        self._dialect = dialect
        self._signer = signer

    def __repr__(self) -> str:
        return f"<Vouched {self._dialect!r} {self._signer!r}>"

    @property
    def says(self) -> str:
        """What its messages say of the caller, in words."""
        return f"signed with {self._signer.key_id}, about the {self._signer.covers}"

    @property
    def name(self) -> str:
        """What routes and services call the dialect."""
        return self._dialect.name

    def request(
        self, call: Call, *, correlation_id: str, reply_to: str, expiration_ms: int
    ) -> Message:
        """Turn a Call into the message that asks for it."""
        message = self._dialect.request(
            call, correlation_id=correlation_id, reply_to=reply_to, expiration_ms=expiration_ms
        )
        headers = {**message.headers, HEADER: self._signer.token(call, message)}
        if self._signer.covers == "caller" and _LAST in headers:
            # The same as in the call before: so before what is never the same (see the dialects).
            headers[_LAST] = headers.pop(_LAST)
        return replace(message, headers=headers)

    def reply(self, message: Message) -> Reply:
        """Turn the answer into a Reply."""
        return self._dialect.reply(message)
