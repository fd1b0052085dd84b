"""What each trainer makes of a raw row: one file a trainer."""

from __future__ import annotations

from tamis.errors import unknown
from tamis.trainers import axolotl, llama_factory, openai, trl, unsloth
from tamis.trainers._trainer import Kind, Trainer

_MODULES = (trl, axolotl, llama_factory, unsloth, openai)
TRAINERS: dict[str, Trainer] = {module.TRAINER.name: module.TRAINER for module in _MODULES}
KINDS: dict[str, tuple[Kind, ...]] = {
    module.TRAINER.name: tuple(value for value in vars(module).values() if isinstance(value, Kind))
    for module in _MODULES
}
"""All that can be found wrong for each trainer."""


def find(name: str) -> Trainer:
    """The trainer of that name.

    >>> find("trl").title
    'TRL'
    """
    if name not in TRAINERS:
        raise unknown("trainer", name, TRAINERS)
    return TRAINERS[name]


def codes(name: str) -> list[str]:
    """The codes of all that can be found wrong for a trainer, and for the one that it trains with.

    >>> "all_masked" in codes("trl")
    True
    """
    within = find(name).trains_with
    kinds = KINDS[name] + (KINDS[within] if within else ())
    return sorted({kind.code for kind in kinds})
