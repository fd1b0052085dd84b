"""The built-in signals: one file a topic. Importing this package fills `tamis.registry.SIGNALS`."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)
