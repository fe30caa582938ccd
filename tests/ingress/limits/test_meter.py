from ingress.limits.limit import Concurrent
from ingress.limits.meter import Usage


def test_usage_is_a_key_and_how_it_stands() -> None:
    """What is shown of a key is its name and what is left of each window."""
    usage = Usage("anna", [(Concurrent("c", 3), 2, 0)])
    key, ((one, left, reset),) = usage
    assert (key, one.calls, left, reset) == ("anna", 3, 2, 0)
