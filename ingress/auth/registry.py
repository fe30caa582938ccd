"""The authenticators of a gateway, by name: built with the route file, closed at the end."""

import asyncio
from collections.abc import Mapping
from typing import Final

from ingress.auth.kinds import KINDS, Parts
from ingress.auth.port import Authenticator
from ingress.auth.sections import AuthenticatorSection
from ingress.document import Document
from ingress.problems import ConfigError

# Seconds that requests of the old routes may still ask an authenticator of theirs.
_GRACE: Final = 60.0

Sections = Mapping[str, AuthenticatorSection]


class Registry:
    """Makes authenticators and keeps those whose settings did not change over a reload."""

    def __init__(self) -> None:
        self._built: dict[str, tuple[AuthenticatorSection, Authenticator]] = {}
        self._leaving: dict[asyncio.Task[None], Authenticator] = {}

    def adopt(self, sections: Sections, parts: Parts, document: Document) -> None:
        """Take over what a route file declares.

        Raises ``ConfigError`` for what cannot be built; then nothing has changed.
        """
        built, problems = {}, []
        for name, section in sections.items():
            before = self._built.get(name)
            if before is not None and before[0] == section:
                built[name] = before
                continue
            try:
                ((kind, settings),) = section.kinds.items()
                built[name] = (section, KINDS[kind](name, settings, parts))
            except ValueError as error:
                problems.append(document.problem(("auth", name), str(error)))
        if problems:
            raise ConfigError(problems)
        for name, (_, old) in self._built.items():
            if name not in built or built[name][1] is not old:
                self._retire(old)
        self._built = built

    @property
    def by_name(self) -> Mapping[str, Authenticator]:
        """Give those that are declared now."""
        return {name: one for name, (_, one) in self._built.items()}

    async def close(self) -> None:
        """Close all, also those that a reload left behind."""
        leaving, self._leaving = self._leaving, {}
        for task in leaving:
            task.cancel()
        for one in (*leaving.values(), *self.by_name.values()):
            await one.close()

    def _retire(self, old: Authenticator) -> None:
        async def later() -> None:
            await asyncio.sleep(_GRACE)
            await old.close()

        task = asyncio.ensure_future(later())
        self._leaving[task] = old
        task.add_done_callback(lambda done: self._leaving.pop(done, None))

    def __repr__(self) -> str:
        return f"<Registry {', '.join(self._built) or 'of nobody'}>"
