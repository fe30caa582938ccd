"""Who may import what, who owns which library, and how long a file may be.

Each rule is a function from a source tree to complaints. It is held against the real tree, and
against a made-up one that breaks it, so that a rule which cannot fail does not pass for a rule.
"""

import ast
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Final

import pytest

from tests.harness.sources import PACKAGES, Import, Source, Tree

MAX_LINES: Final = 400

# What each package may import of ours, itself included.
LAYERS: Final = {
    "contracts": {"contracts"},
    "workers": {"contracts", "workers"},
    "ingress": {"contracts", "ingress"},
    "queuegate": {"contracts", "ingress", "workers", "queuegate"},
}

# Files that may import one package more, and why.
CROSSINGS: Final = {
    "ingress/embedded.py": ("workers", "gateway and workers in one process"),
    "ingress/crew.py": ("workers", "the processes that run a service"),
    "workers/samples/*.py": ("queuegate", "samples are written as a user writes a service"),
}

# One owner per library (STYLE, rule 8).
OWNERS: Final = {
    "sanic": (
        "ingress/sanic_app.py",
        "ingress/connection.py",
        "ingress/admin*.py",
        "ingress/server.py",
    ),
    "sanic_routing": ("ingress/sanic_app.py",),
    "aio_pika": ("contracts/brokers/rabbitmq/*.py",),
    "aiormq": ("contracts/brokers/rabbitmq/*.py",),
    "pamqp": ("contracts/brokers/rabbitmq/*.py",),
    "msgpack": ("contracts/codec.py",),
    "pybreaker": ("ingress/breaker.py",),
    "tenacity": ("ingress/retry.py",),
    "loguru": ("contracts/logs.py",),
    "prometheus_client": ("ingress/observers/*metrics.py",),
    "yaml": ("ingress/yamlfile.py",),
    "typer": ("ingress/cli/*.py",),
    "rich": ("ingress/cli/*.py",),
    "click": ("ingress/cli/*.py",),
    "uvloop": ("contracts/loop.py",),
    "watchfiles": ("ingress/reload.py",),
    "cryptography": (
        "contracts/callers/keys.py",
        "ingress/journal/crypt.py",
        "ingress/guard/*.py",
        "ingress/auth/jose/*.py",
    ),
    "brotli": ("ingress/coding/codings.py",),
    "backports": ("ingress/coding/codings.py",),
    "cbor2": ("ingress/representation/cbor.py",),
    "multipart": ("ingress/representation/forms.py",),
    "jsonschema_rs": ("ingress/validation/checker.py", "ingress/validation/comparison.py"),
    "cel": ("ingress/authz/expression.py",),
    "argon2": ("ingress/consumers/passwords.py",),
    "jmespath": (
        "ingress/journal/filter.py",
        "ingress/limits/expression.py",
        "ingress/replay/keys.py",
        "ingress/transform/expression.py",
    ),
    "redis": ("contracts/stores/redis/*.py",),
    "aiohttp": ("ingress/auth/http_client.py",),
    "httptools": ("ingress/replay/sinks/connection.py",),
}

# What one policy, or one observer, may not know of ours.
FORBIDDEN_TO_POLICIES: Final = (
    "ingress.pipeline",
    "ingress.dispatch",
    "ingress.rpc",
    "ingress.edge",
    "ingress.gateway",
    "contracts.brokers",
)
ALLOWED_TO_OBSERVERS: Final = ("ingress.flow", "ingress.observers", "contracts")

# Imports that only a type checker sees, and why there is no other way.
TYPING_ONLY: Final = {
    "ingress/auth/http_client.py": "aiohttp is a lazy import: most gateways ask nobody",
    "ingress/authz/expression.py": "cel is a lazy import: most gateways have no conditions",
    "contracts/logs.py": "loguru declares its Logger class in a stub file alone",
}

# Names that say nothing (STYLE, rule 1).
EMPTY_NAMES: Final = {"utils", "util", "helpers", "helper", "common", "misc"}

Rule = Callable[[Tree], Iterator[str]]


def layers(tree: Tree) -> Iterator[str]:
    """Packages import only what lies below them."""
    for source, found in _imports(tree):
        package, target = _top(source.module), _top(found.name)
        ours = target in PACKAGES or target in {"tests", "bench", "examples"}
        if not ours or target in LAYERS.get(package, {target}):
            continue
        if not any(_matches(source, [p]) and target == to for p, (to, _) in CROSSINGS.items()):
            yield f"{_at(source, found)}: {package} must not import {found.name}"


def owners(tree: Tree) -> Iterator[str]:
    """A library is known to its owner alone."""
    for source, found in _imports(tree):
        library = _top(found.name)
        if library in OWNERS and not _matches(source, OWNERS[library]):
            yield f"{_at(source, found)}: {library} belongs to {', '.join(OWNERS[library])}"


def policies(tree: Tree) -> Iterator[str]:
    """A policy knows neither what calls it, nor what comes after it, nor another policy."""
    for source, found in _imports(tree):
        if not source.path.startswith("ingress/policies/"):
            continue
        if _within(found.name, *FORBIDDEN_TO_POLICIES):
            yield f"{_at(source, found)}: a policy must not know {found.name}"
        # The package itself holds their order, and port.py says what a policy is.
        in_order = source.path.endswith("__init__.py") or found.name == "ingress.policies.port"
        if _within(found.name, "ingress.policies") and not in_order:
            yield f"{_at(source, found)}: a policy must not know another one"


def observers(tree: Tree) -> Iterator[str]:
    """An observer sees the finished Flow and nothing else of the gateway."""
    for source, found in _imports(tree):
        if not source.path.startswith("ingress/observers/"):
            continue
        if _top(found.name) in PACKAGES and not _within(found.name, *ALLOWED_TO_OBSERVERS):
            yield f"{_at(source, found)}: an observer must not know {found.name}"


def typing_only(tree: Tree) -> Iterator[str]:
    """No import is there for the type checker alone, but those listed."""
    used = set()
    for source, found in _imports(tree):
        if found.typing_only:
            used.add(source.path)
            if source.path not in TYPING_ONLY:
                yield f"{_at(source, found)}: {found.name} is imported for type checking only"
    for path in TYPING_ONLY.keys() & tree.keys() - used:
        yield f"{path}: is on the list of typing-only imports, and has none"


def cycles(tree: Tree) -> Iterator[str]:
    """No module imports one that imports it, however far round.

    Whoever imports a module imports the packages that it is in, too, but for those it is in itself.
    """
    graph: dict[str, set[str]] = {source.module: set() for source in tree.values()}
    for source, found in _imports(tree):
        steps = found.name.split(".")
        for name in (".".join(steps[:count]) for count in range(1, len(steps) + 1)):
            outside = name == found.name or not source.module.startswith(f"{name}.")
            if name in graph and name != source.module and outside:
                graph[source.module].add(name)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"import cycle: {' <- '.join(error.args[1])}"


def length(tree: Tree) -> Iterator[str]:
    """A file that is too long holds a second idea."""
    for source in tree.values():
        lines = source.text.count("\n")
        if lines > MAX_LINES:
            yield f"{source.path}: {lines} lines, and {MAX_LINES} is the most"


def names(tree: Tree) -> Iterator[str]:
    """A file or folder is named for the idea it holds."""
    for source in tree.values():
        for part in source.path.removesuffix(".py").split("/"):
            if part in EMPTY_NAMES:
                yield f"{source.path}: {part!r} names no idea"


def public_face(tree: Tree) -> Iterator[str]:
    """Package queuegate re-exports, and does nothing of its own."""
    for source in tree.values():
        if source.path.startswith("queuegate/"):
            for node in source.tree.body:
                if not _is_re_export(node):
                    yield f"{source.path}:{node.lineno}: queuegate only re-exports"


RULES: Final[tuple[Rule, ...]] = (
    layers,
    owners,
    policies,
    observers,
    typing_only,
    cycles,
    length,
    names,
    public_face,
)

# For each way to break a rule: the rule, the file that breaks it, its text, and the complaint.
BREAKS: Final = [
    (layers, "contracts/a.py", "import workers", "contracts must not import workers"),
    (layers, "workers/a.py", "from ingress.flow import Flow", "must not import ingress.flow"),
    (layers, "ingress/a.py", "def f():\n  import workers.sdk", "a.py:2: ingress must not import"),
    (layers, "ingress/cli/serve.py", "from workers import x", "ingress must not import workers"),
    (layers, "ingress/embedded.py", "import queuegate", "ingress must not import queuegate"),
    (layers, "contracts/a.py", "from tests.harness import ports", "must not import tests.harness"),
    (owners, "ingress/flow.py", "from sanic.request import Request", "sanic belongs to"),
    (owners, "contracts/brokers/memory.py", "import aio_pika as a", "aio_pika belongs to"),
    (owners, "workers/cli/a.py", "import typer", "typer belongs to ingress/cli"),
    (policies, "ingress/policies/a.py", "from ingress.dispatch import D", "not know ingress.disp"),
    (policies, "ingress/policies/a.py", "import contracts.brokers.port", "not know contracts.br"),
    (policies, "ingress/policies/a.py", "from ingress.policies import b", "know another one"),
    (policies, "ingress/policies/a.py", "from .b import B", "know another one"),
    (observers, "ingress/observers/a.py", "from ingress.edge import E", "not know ingress.edge"),
    (observers, "ingress/observers/a.py", "from ingress import rpc", "not know ingress"),
    (typing_only, "ingress/a.py", "if TYPE_CHECKING:\n  import x", "x is imported for type"),
    (typing_only, "contracts/logs.py", "import loguru", "is on the list"),
    (cycles, "ingress/a.py", "import ingress.policies.b", "import cycle"),
    (cycles, "ingress/a.py", "import ingress.policies.c", "import cycle"),
    (length, "ingress/a.py", "\n" * 401, "401 lines"),
    (names, "ingress/utils.py", "", "'utils' names no idea"),
    (names, "workers/common/a.py", "", "'common' names no idea"),
    (public_face, "queuegate/__init__.py", "def f(): ...", "only re-exports"),
]


@pytest.fixture(scope="module")
def tree() -> Tree:
    """The project's own source."""
    return Tree.read(*PACKAGES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_source_keeps_the_rule(rule: Rule, tree: Tree) -> None:
    """Nothing in the project's packages breaks a rule of its architecture."""
    assert "\n".join(rule(tree)) == ""


@pytest.mark.parametrize("rule, path, text, complaint", BREAKS)
def test_the_rule_can_be_broken(rule: Rule, path: str, text: str, complaint: str) -> None:
    """Each rule complains, with file and line, of a file that breaks it."""
    neighbours = {
        "ingress/policies/b.py": "import ingress.a",
        "ingress/policies/__init__.py": "from ingress.policies import b",
    }
    complaints = list(rule(Tree({**neighbours, path: text})))
    assert len(complaints) == 1
    assert complaint in complaints[0]


def test_what_is_allowed_is_not_complained_of() -> None:
    """The order of policies, the public face and the listed crossings break no rule."""
    allowed = Tree(
        {
            "ingress/policies/__init__.py": "from ingress.policies import cors, port",
            "ingress/policies/cors.py": "from ingress.policies.port import Policy",
            "ingress/policies/port.py": "from contracts.call import Call",
            "ingress/observers/log.py": "from ingress.flow import Flow",
            "ingress/flow.py": "",
            "ingress/embedded.py": "from workers import runner",
            "workers/runner.py": "from contracts.call import Call",
            "contracts/call.py": "import msgspec",
            "queuegate/__init__.py": '"""Face."""\nfrom a import C\n__all__ = ["C"]',
        }
    )
    assert [complaint for rule in RULES for complaint in rule(allowed)] == []


@pytest.mark.parametrize("folder", ["tests", "bench", "examples"])
@pytest.mark.parametrize("rule", [length, names], ids=lambda rule: rule.__name__)
def test_what_is_not_installed_keeps_its_form(rule: Rule, folder: str) -> None:
    """Tests, benchmarks and examples are held to the same length and names."""
    assert "\n".join(rule(Tree.read(folder))) == ""


def _imports(tree: Tree) -> Iterator[tuple[Source, Import]]:
    return ((source, found) for source in tree.values() for found in source.imports)


def _at(source: Source, found: Import) -> str:
    return f"{source.path}:{found.line}"


def _top(module: str) -> str:
    return module.partition(".")[0]


def _within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _matches(source: Source, patterns: tuple[str, ...] | list[str]) -> bool:
    return any(map(partial(fnmatch, source.path), patterns))


def _is_re_export(node: ast.stmt) -> bool:
    match node:
        case ast.ImportFrom() | ast.Import() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name == "__all__"
        case _:
            return False
