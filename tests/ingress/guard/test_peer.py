"""Who is at the other end, as far as the connection tells."""

from contracts.call import NOBODY
from ingress.guard.peer import STRANGER, Peer


def test_of_a_stranger_nothing_is_known() -> None:
    """Neither an address, nor that it came by HTTPS, nor a certificate."""
    assert Peer() == STRANGER
    assert (STRANGER.caller, STRANGER.secure, STRANGER.certificate) == (NOBODY, False, None)
