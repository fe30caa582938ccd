"""Who is at the other end, as far as the connection tells."""

from typing import Final

import msgspec

from contracts.call import NOBODY, Caller
from ingress.guard.certificate import Certificate


class Peer(msgspec.Struct, frozen=True, gc=False):
    """The client of a request.

    ``caller`` has its address, and ``secure`` says whether it came by HTTPS:
    behind a proxy that we trust both are the proxy's word. ``certificate`` is
    the one that it showed to us, verified.
    """

    caller: Caller = NOBODY
    secure: bool = False
    certificate: Certificate | None = None


STRANGER: Final = Peer()
