"""Which calls must keep their order: those with the same key go one after another."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

import jmespath
import msgspec

from contracts.fault import Fault
from ingress.replay.item import Item
from ingress.router import Router
from ingress.routing.asked import Sketch

Key = Callable[[Item], str]

HELP: Final = "caller, path.NAME, query.NAME, header:NAME, or a JMESPath into the JSON body"


def of(text: str, router: Router | None = None) -> Key:
    """Make the function that gives an item's key; an empty key binds a call to no other.

    ``text`` is one of :data:`HELP`. ``path.NAME`` needs the ``router`` of the route file. Raises
    ``ValueError`` for what cannot be understood.
    """
    if text == "caller":
        return lambda item: item.caller.id or item.caller.address
    begin, mark, name = text.partition(":")
    if mark and begin == "header":
        return lambda item: next((v for k, v in item.headers if k == name.lower()), "")
    begin, mark, name = text.partition(".")
    if mark and begin == "query":
        return lambda item: "\0".join(parse_qs(item.query).get(name, ()))
    if mark and begin == "path":
        if router is None:
            raise ValueError(f"{text!r} needs the routes: name the route file with --config")
        return lambda item: _params(router, item).get(name, "")
    return _in_body(text)


def _params(router: Router, item: Item) -> Mapping[str, str]:
    try:
        return router.match(item.method, item.path, Sketch(item.headers, item.query))[1]
    except Fault:
        return {}


def _in_body(text: str) -> Key:
    try:
        expression: Any = jmespath.compile(text)
    except jmespath.exceptions.JMESPathError:
        raise ValueError(f"{text!r} is no key: write {HELP}") from None

    def key(item: Item) -> str:
        try:
            found = expression.search(msgspec.json.decode(item.body))
        except (ValueError, RecursionError, jmespath.exceptions.JMESPathError):
            return ""
        return "" if found is None else msgspec.json.encode(found).decode()

    return key
