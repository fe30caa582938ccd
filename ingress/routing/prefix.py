"""What stands before the paths of a group's routes: ``/shop``, ``/tenants/{tenant}``."""

from ingress import pattern


def check(text: str) -> str:
    """Check a prefix; raises ``ValueError`` with a sentence that says what is wrong."""
    if not text.startswith("/") or text.endswith("/"):
        msg = "a prefix begins with a slash and does not end with one: /v1"
        raise ValueError(msg)
    if pattern.parse(f"GET {text}").tail:
        msg = "a prefix cannot have a tail: nothing could follow it"
        raise ValueError(msg)
    return text
