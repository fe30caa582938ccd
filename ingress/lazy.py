"""Libraries that most gateways never use, imported by the first use.

A gateway that asks nobody for tokens needs no HTTP client, and one without conditions no language
for them. What is not used costs neither the time to start nor memory.
"""

import sys
from importlib.util import LazyLoader, find_spec, module_from_spec
from types import ModuleType


def lazy(name: str) -> ModuleType:
    """Give a module whose code runs when the first of its attributes is asked for.

    Ask for one where a process is made ready, for that takes a while. Raises
    ``ModuleNotFoundError`` at once.
    """
    if name in sys.modules:
        return sys.modules[name]
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    spec.loader = LazyLoader(spec.loader)
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
