"""Why a credential was not believed."""


class Refused(Exception):
    """What was shown does not prove anything.

    The text is a short sentence for the client: it says which rule was broken, in ASCII without
    quotation marks (it goes into ``WWW-Authenticate``), and never repeats what the client sent.
    """
