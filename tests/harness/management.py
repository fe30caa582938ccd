"""RabbitMQ's management API, as far as tests need it."""

from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx


class Management:
    """A client of the HTTP API. Methods raise ``httpx.HTTPError`` when the broker refuses.

    Numbers (messages, consumers, connections) come from the broker's statistics and are up to five
    seconds old: declare a queue passively to know what is in it now.
    """

    def __init__(self, url: str) -> None:
        # No connection outlives its request: the broker may be killed between two of them.
        self._http = httpx.Client(
            base_url=f"{url}/api", limits=httpx.Limits(max_keepalive_connections=0), timeout=30
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def answers(self) -> bool:
        """Tell whether the API is up, without an error if it is not."""
        try:
            return self._http.get("/overview").is_success
        except httpx.TransportError:
            return False

    def create_vhost(self, name: str) -> None:
        """Create a vhost in which the API's own user may do everything."""
        vhost = _path(name)
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        user = self.call("GET", "/whoami")["name"]
        self.call("PUT", f"/vhosts/{vhost}")
        self.call("PUT", f"/permissions/{vhost}/{_path(user)}", everything)

    def delete_vhost(self, name: str) -> None:
        """Delete a vhost with all that is in it; its connections are closed."""
        self.call("DELETE", f"/vhosts/{_path(name)}")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Make any request of the API, below ``/api``; return its JSON, or None."""
        reply = self._http.request(method, path, json=body)
        reply.raise_for_status()
        return reply.json() if reply.content else None


def _path(name: str) -> str:
    return quote(name, safe="")
