"""Why a credential was not believed."""


class Refused(Exception):
    """What was shown does not prove anything.

    ``reason`` is a short sentence for the client: it says which rule was broken, in ASCII without
    quotation marks (it goes into ``WWW-Authenticate``), and never repeats what the client sent.
    ``error`` is the code of RFC 6750 section 3.1.
    """

    def __init__(self, reason: str, *, error: str = "invalid_token") -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error
