"""Tell of a version that ends, refuse one that has ended, and count who uses it.

Deprecation is RFC 9745, Sunset RFC 8594; their link relations are ``deprecation``, ``sunset`` and
``successor-version`` (RFC 5829).
"""

import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any, Final

from contracts.call import Reply
from contracts.fault import Fault
from ingress.policies.port import Request, Slot
from ingress.versions import moment
from ingress.versions.sections import VersionSection

# Hears of each request: its version, and who asked.
Count = Callable[[str, str], None]

_NAME: Final = "version"


class Version:
    """``version`` is its name; ``segment`` that of the path which says it, if one does.

    ``vary`` are the request's headers by which versions are told apart. ``clock`` gives Unix
    seconds.
    """

    name = _NAME
    slot = Slot.EDGE

    def __init__(
        self,
        version: str,
        section: VersionSection,
        *,
        segment: str = "",
        vary: str = "",
        count: Count | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._version = version
        self._section = section
        self._segment = segment
        self._sunset = section.sunset or float("inf")
        self._fields = _fields(section) + ([("vary", vary)] if vary else [])
        self._next = _sibling(segment, version, section.successor)
        self._count = count
        self._clock = clock

    def admit(self, flow: Request) -> Reply | None:
        """Say when it ends, or that it has."""
        flow.headers += self._fields
        successor = self._successor(flow.call.path) if self._section.successor else ""
        if successor:
            flow.headers.append(("link", f'<{successor}>; rel="successor-version"'))
        if self._clock() >= self._sunset:
            if self._count:
                self._count(self._version, flow.call.caller.id)
            raise self._gone(successor)
        return None

    def settle(self, flow: Request) -> None:
        """Count who asked: by now it is known."""
        if self._count:
            self._count(self._version, flow.call.caller.id)

    def settings(self) -> Mapping[str, Any]:
        """Give its name and its dates."""
        shown = {"version": self._version}
        for name, value in self._section:
            if value is not None:
                shown[name] = moment.write(value) if isinstance(value, int) else value
        return shown

    def _successor(self, path: str) -> str:
        """Give the path of the same thing in the next version, if the path says the version."""
        if not self._next:
            return ""
        return path.replace(f"/{self._segment}", f"/{self._next}", 1)

    def _gone(self, successor: str) -> Fault:
        section = self._section
        until = moment.write(int(self._sunset))
        go = f"; go to version {section.successor}" if section.successor else ""
        more: dict[str, Any] = {"successor": successor, "documentation": section.documentation}
        return Fault(
            "gone",
            f"version {self._version} was served until {until}{go}",
            version=self._version,
            **{name: value for name, value in more.items() if value},
        )

    def __repr__(self) -> str:
        return f"<Version {self._version}>"


def _fields(section: VersionSection) -> list[tuple[str, str]]:
    fields = []
    if section.deprecated is not None:
        # A structured field's date (RFC 9651 section 3.3.7).
        fields.append(("deprecation", f"@{section.deprecated}"))
    if section.sunset is not None:
        fields.append(("sunset", formatdate(section.sunset, usegmt=True)))
    for relation, said in (("deprecation", section.deprecated), ("sunset", section.sunset)):
        if section.documentation and said is not None:
            link = f'<{section.documentation}>; rel="{relation}"; type="text/html"'
            fields.append(("link", link))
    return fields


def _sibling(segment: str, version: str, successor: str | None) -> str:
    """Write the successor as the path writes this version: v1 gives v2, 1 gives 2."""
    if not segment or not successor:
        return ""
    return segment.removesuffix(version) + successor
