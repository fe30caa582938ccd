"""TCP ports for servers that a test starts."""

import random
import socket

# Below the range from which the kernel takes ports for outgoing connections (32768 and up on Linux,
# 49152 on macOS): a server that is killed and started again must find its port still free.
_RANGE = range(20_000, 32_000)

_given: set[int] = set()


def free_port() -> int:
    """Find a port on 127.0.0.1 that nobody listens on and that this process has not given out yet.

    Another process may still take it before you listen: there is no way to reserve one.
    """
    for _ in range(1000):
        port = random.choice(_RANGE)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port
    message = f"no free port between {_RANGE.start} and {_RANGE.stop}"
    raise RuntimeError(message)


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
