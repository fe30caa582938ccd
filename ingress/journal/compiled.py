"""What the route file says of the journal, compiled into what the writer needs."""

from ingress import layers
from ingress.auth.credentials import Credentials
from ingress.auth.sections import shown_in
from ingress.journal import keys
from ingress.journal.crypt import Keyring
from ingress.journal.recording import Recording
from ingress.journal.redact import Redaction, Rules
from ingress.layers import Settings
from ingress.routefile import RouteFile


def keyring(route_file: RouteFile) -> Keyring:
    """Give the keys of the journal, without any where it has none."""
    section = route_file.journal
    texts = () if section == "off" else section.keys or ()
    return Keyring([keys.read(text) for text in texts])


def recording(settings: Settings, secret: bytes, credentials: Credentials) -> Recording | None:
    """Compile what is recorded of a route; ``None`` for nothing. No credential ever is."""
    level = settings["journal"].value
    if level == "off":
        return None
    said = {
        name: settings[key].value
        for name in ("headers", "query", "body", "hash")
        if (key := f"journal.redact.{name}") in settings
    }
    said["hashed"] = said.pop("hash", ())
    said["headers"] = (*said.get("headers", ()), *sorted(credentials.headers))
    said["query"] = (*said.get("query", ()), *sorted(credentials.query))
    return Recording(
        level=level,
        sample=settings["journal.sample"].value,
        max_body=settings["journal.max_body"].value,
        redaction=Redaction(Rules(**said), secret),
    )


def without_route(route_file: RouteFile) -> Recording | None:
    """Compile what is recorded of requests that meet no route: what ``defaults`` says.

    They have no headers and no body to speak of: of them nobody ever reads more than the head.
    """
    settings, credentials = layers.journal_of_defaults(route_file), shown_in(route_file.auth)
    return recording(settings, keyring(route_file).secret, credentials)
