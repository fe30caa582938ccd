"""``module:attribute`` to the Service it names, with an error that says what to type instead."""

import importlib
import importlib.util
import sys
import traceback
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Final

from workers.binding import ServiceError
from workers.service import Service

# What queuegate itself installs, and what a user's folder must therefore not be called.
OURS: Final = ("contracts", "ingress", "queuegate", "workers")


def load(reference: str, folder: Path | None = None) -> Service:
    """Import the service that ``reference`` names: ``shop.orders:service``.

    ``folder`` (the current one when left out) is searched after all that is installed.

    Raises ``ServiceError`` when there is none; its message says why and what is near.
    """
    folder = Path.cwd() if folder is None else folder
    module_name, colon, attribute = reference.partition(":")
    if not (colon and module_name and attribute):
        raise ServiceError(
            f"{reference!r} names no service: write module:attribute,"
            f" for example {_example(module_name)}"
        )
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return _service_of(_import(module_name, folder), attribute)


def _example(word: str) -> str:
    module = word.removesuffix(".py").strip("./").replace("/", ".")
    return f"{module or 'orders'}:service"


def _import(name: str, folder: Path) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise ServiceError(f"{name!r} is no module name; write {_example(name)}")
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(f"{missing}."):
            raise ServiceError(_not_found(name, missing, folder)) from None
        raise ServiceError(f"importing {name} failed{_where(error)}: {error}") from error
    except ServiceError as error:
        raise ServiceError(f"{name}: {error}") from error
    except Exception as error:
        raise ServiceError(
            f"importing {name} failed{_where(error)}: {type(error).__name__}: {error}"
        ) from error


def _not_found(name: str, missing: str, folder: Path) -> str:
    root = name.partition(".")[0]
    if root in OURS and _is_anothers(root, folder):
        return (
            f"there is no module {name}: queuegate installs a package {root} of its own, and it"
            f" wins over {folder / root}; please give yours another name"
        )
    what = name if name == missing else f"{name} ({missing} is missing)"
    near = get_close_matches(name, _modules_of(folder), 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no module {what}, neither in {folder} nor installed{hint}"


def _is_anothers(root: str, folder: Path) -> bool:
    """Say whether ``folder`` holds a package of that name that is not queuegate's."""
    spec = importlib.util.find_spec(root)
    ours = Path(spec.origin).parent if spec and spec.origin else None
    candidate = folder / root
    if (folder / f"{root}.py").exists():
        return True
    return candidate.is_dir() and (ours is None or candidate.resolve() != ours.resolve())


def _modules_of(folder: Path) -> list[str]:
    files = [*folder.glob("*.py"), *folder.glob("*/*.py")]
    names = (".".join(path.relative_to(folder).with_suffix("").parts) for path in files)
    return sorted(name.removesuffix(".__init__") for name in names)


def _where(error: BaseException) -> str:
    """Name the line of the user's code that failed, not one of the import system."""
    if isinstance(error, SyntaxError):
        return f" at {error.filename}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "<frozen" not in f.filename]
    own = [frame for frame in frames if frame.filename not in {__file__, importlib.__file__}]
    return f" at {own[-1].filename}:{own[-1].lineno}" if own else ""


def _service_of(module: ModuleType, attribute: str) -> Service:
    name = module.__name__
    services = [key for key, value in vars(module).items() if isinstance(value, Service)]
    found = getattr(module, attribute, None)
    if found is None:
        near = get_close_matches(attribute, services, 1) or services
        hint = f"; did you mean {name}:{near[0]}?" if near else ", and no Service at all"
        raise ServiceError(f"{name} has no {attribute!r}{hint}")
    if not isinstance(found, Service):
        hint = f"; did you mean {name}:{services[0]}?" if services else ""
        raise ServiceError(f"{name}:{attribute} is a {type(found).__name__}, not a Service{hint}")
    if not found.endpoints:
        raise ServiceError(f"{name}:{attribute} offers no operation")
    return found
