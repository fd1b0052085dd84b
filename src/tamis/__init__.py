"""Audit, prune and measure instruction-tuning datasets.

The names below are imported when they are first used, so that `tamis --help` need not wait for numba.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tamis.errors import TamisError as TamisError
    from tamis.recipe import Recipe as Recipe
    from tamis.recipe import load as load_recipe
    from tamis.registry import signal as signal
    from tamis.results import AuditResult as AuditResult
    from tamis.results import PruneResult as PruneResult
    from tamis.verbs.audit import audit as audit
    from tamis.verbs.bias import BiasResult as BiasResult
    from tamis.verbs.bias import bias as bias
    from tamis.verbs.compare import CompareResult as CompareResult
    from tamis.verbs.compare import compare as compare
    from tamis.verbs.convert import ConvertResult as ConvertResult
    from tamis.verbs.convert import convert as convert
    from tamis.verbs.decontaminate import DecontaminationResult as DecontaminationResult
    from tamis.verbs.decontaminate import decontaminate as decontaminate
    from tamis.verbs.diversity import DiversityResult as DiversityResult
    from tamis.verbs.diversity import diversity as diversity
    from tamis.verbs.duplicates import DuplicatesResult as DuplicatesResult
    from tamis.verbs.duplicates import duplicates as duplicates
    from tamis.verbs.preflight import PreflightResult as PreflightResult
    from tamis.verbs.preflight import preflight as preflight
    from tamis.verbs.prune import prune as prune
    from tamis.verbs.read import read as read
    from tamis.verbs.report import card as card
    from tamis.verbs.report import report as report
    from tamis.verbs.select import SelectResult as SelectResult
    from tamis.verbs.select import select as select

_HOMES = {
    "AuditResult": "results",
    "BiasResult": "verbs.bias",
    "CompareResult": "verbs.compare",
    "ConvertResult": "verbs.convert",
    "DecontaminationResult": "verbs.decontaminate",
    "DiversityResult": "verbs.diversity",
    "DuplicatesResult": "verbs.duplicates",
    "PreflightResult": "verbs.preflight",
    "PruneResult": "results",
    "Recipe": "recipe",
    "SelectResult": "verbs.select",
    "TamisError": "errors",
    "audit": "verbs.audit",
    "bias": "verbs.bias",
    "card": "verbs.report",
    "compare": "verbs.compare",
    "convert": "verbs.convert",
    "decontaminate": "verbs.decontaminate",
    "diversity": "verbs.diversity",
    "duplicates": "verbs.duplicates",
    "load_recipe": "recipe:load",
    "preflight": "verbs.preflight",
    "prune": "verbs.prune",
    "read": "verbs.read",
    "report": "verbs.report",
    "select": "verbs.select",
    "signal": "registry",
}

__all__ = [
    "AuditResult",
    "BiasResult",
    "CompareResult",
    "ConvertResult",
    "DecontaminationResult",
    "DiversityResult",
    "DuplicatesResult",
    "PreflightResult",
    "PruneResult",
    "Recipe",
    "SelectResult",
    "TamisError",
    "audit",
    "bias",
    "card",
    "compare",
    "convert",
    "decontaminate",
    "diversity",
    "duplicates",
    "load_recipe",
    "preflight",
    "prune",
    "read",
    "report",
    "select",
    "signal",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("tamis")
    if name not in _HOMES:
        raise AttributeError(f"module 'tamis' has no attribute '{name}'")
    module, _, attribute = _HOMES[name].partition(":")
    return getattr(import_module(f"tamis.{module}"), attribute or name)


def __dir__() -> list[str]:
    return [*globals(), *_HOMES]
