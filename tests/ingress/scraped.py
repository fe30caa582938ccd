"""What an admin port that is made for a test gives to who scrapes it."""


async def figures() -> bytes:
    """Give one metric."""
    return b"a 1\n"
