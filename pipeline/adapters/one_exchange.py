"""ccxt with one exchange: its package loads all hundred of them and takes 50 MiB, which a watch would keep for good."""

import re
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any


class _Package(ModuleType):
    """Stands for the package `ccxt`, whose modules can be loaded one by one; whoever asks it for anything else makes it the whole package."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__spec__ is None or self.__spec__.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def _part(name: str) -> Any:
    """A module of ccxt's."""
    if "ccxt" not in sys.modules and (spec := find_spec("ccxt")) is not None:
        package = module_from_spec(spec)
        package.__class__ = _Package
        sys.modules["ccxt"] = package
    return import_module(f"ccxt.{name}")


errors = _part("base.errors")
Exchange = _part("base.exchange").Exchange
TICK_SIZE = _part("base.decimal_to_precision").TICK_SIZE


def exchange_class(exchange: str) -> Any:
    """ccxt's class of an exchange, by the id that ccxt gives it; None where it knows none of that name."""
    spec = find_spec(f"ccxt.{exchange}") if re.fullmatch(r"[a-z][a-z0-9]*", exchange) else None
    if spec is None or spec.submodule_search_locations is not None:
        return None
    found = getattr(_part(exchange), exchange, None)
    package = sys.modules["ccxt"]
    if isinstance(package, _Package) and exchange in vars(package):
        delattr(package, exchange)  # The whole package has the class by this name, and not its module.
    return found if isinstance(found, type) and issubclass(found, Exchange) else None
