"""Names under which secrets travel, so that they are never written down unless somebody insists.

Compared without case, dashes and underscores: ``access_token``, ``accessToken`` and
``Access-Token`` are one name.
"""

from typing import Final

HEADERS: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "api-key",
        "apikey",
        # The signature in it is good for five minutes.
        "queuegate-replay",
        "x-access-token",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-gitlab-token",
        "x-goog-api-key",
        "x-vault-token",
        "x-xsrf-token",
    }
)
"""Request and reply headers."""

FIELDS: Final = frozenset(
    {
        "accesstoken",
        "apikey",
        "clientsecret",
        "idtoken",
        "passwd",
        "password",
        "privatekey",
        "refreshtoken",
        "secret",
        "token",
    }
)
"""Members of bodies, at any depth, and keys of queries and forms."""

QUERY: Final = FIELDS | {"key", "sig", "signature"}
"""Keys of queries and forms: signed URLs are credentials too."""


def plain(name: str) -> str:
    """Write a name as it is compared."""
    return name.lower().replace("_", "").replace("-", "")
