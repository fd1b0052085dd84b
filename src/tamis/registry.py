"""`@signal` and the table of signals.

A signal is a function that maps what it asks for to one value per row. Its positional parameters name
attributes of `Inputs` (as pytest fixtures do); its keyword-only parameters are its options.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, TypeVar

from tamis.errors import TamisError, unknown
from tamis.inputs import INPUTS

F = TypeVar("F", bound=Callable[..., Any])
Span = tuple[int, int]
Locate = Callable[[str], Span | None]
Reduction = Literal["any", "max", "sum", "commonest"]
Severity = Literal["low", "medium", "high"]
Scope = Literal["row", "corpus", "pairs"]
Unit = Literal["flag", "count", "characters", "words", "tokens", "ratio", "rows", "code", "groups"]


@dataclass(frozen=True)
class Signal:
    """One measure of a row: what it asks for, its unit, where it comes from and how it is shown."""

    name: str
    function: Callable[..., Any]
    inputs: tuple[str, ...]
    options: Mapping[str, Any]
    unit: Unit
    source: str
    severity: Severity
    scope: Scope
    over: str | None
    reduce: Reduction | None
    locate: Locate | None
    language: str | None
    on_request: bool

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return inspect.cleandoc(self.function.__doc__ or "").partition("\n")[0]

    @property
    def explanation(self) -> str:
        """The whole docstring."""
        return inspect.cleandoc(self.function.__doc__ or "")


SIGNALS: dict[str, Signal] = {}


def signal(  # noqa: PLR0913 - each is a fact that the documentation of a signal must state
    *,
    unit: Unit,
    source: str,
    severity: Severity = "low",
    scope: Scope = "row",
    reduce: Reduction | None = None,
    locate: Locate | None = None,
    language: str | None = None,
    on_request: bool = False,
) -> Callable[[F], F]:
    """Register a function as a signal, unchanged.

    A function whose first input is one of the turn-wise texts (`prompts`, `responses`, ...) returns one
    value per text, and `reduce` says how a row's texts become one value (so may one whose first input is the
    frame `turns`, a value a turn); otherwise it returns one value per row. A corpus signal reads `sketches`
    or `corpus` and returns a value a row, or a frame with the columns `value` and `group`: rows of one group
    stand in the relation that the value counts. A pairs signal reads `corpus` and returns `Alike`: which rows
    are alike, and how much. A null (a polars null, or NaN)
    means that the signal does not apply. The unit `code` is for names such as those of languages: strings, of
    which the commonest (the first of several) stands for a row; a rule looks at them in its `where`. `locate` finds
    the character span that made a text fire; without it, evidence names the turn alone. `language` names the only
    language that the signal reads. A signal `on_request` is computed only where a recipe names it: it costs more
    than most want to wait.
    """

    def register(function: F) -> F:
        name = function.__name__
        if name in SIGNALS and SIGNALS[name].function.__module__ != function.__module__:
            raise TamisError(
                f"signal '{name}' is defined twice: in {SIGNALS[name].function.__module__} and in {function.__module__}"
            )
        inputs, options = _parameters(function)
        turnwise = INPUTS[inputs[0]] == "texts" or (inputs[0] == "turns" and reduce is not None)
        over = inputs[0] if turnwise else None
        if turnwise != (reduce is not None):
            raise TamisError(f"signal '{name}' must state `reduce` if, and only if, it reads texts turn by turn")
        if turnwise and (unit == "code") != (reduce == "commonest"):
            raise TamisError(f"signal '{name}': codes, and codes alone, are reduced to the commonest of a row")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not function.__doc__:
            raise TamisError(f"signal '{name}' needs a lower-case name and a docstring")
        SIGNALS[name] = Signal(
            name, function, inputs, options, unit, source, severity, scope, over, reduce, locate, language, on_request
        )
        return function

    return register


def _parameters(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    inputs: list[str] = []
    options: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            options[parameter.name] = parameter.default
        elif parameter.name not in INPUTS:
            raise unknown(f"input of signal '{function.__name__}'", parameter.name, INPUTS)
        else:
            inputs.append(parameter.name)
    if not inputs:
        raise TamisError(f"signal '{function.__name__}' asks for no input; known: {', '.join(INPUTS)}")
    return tuple(inputs), options


def get(name: str) -> Signal:
    """The signal of that name; an error that names the nearest one otherwise."""
    try:
        return SIGNALS[name]
    except KeyError:
        raise unknown("signal", name, SIGNALS) from None


def first_match(pattern: str, *, flags: int = 0) -> Locate:
    """A `locate` for a regular expression: the span of its first match.

    >>> first_match("b+")("abbc")
    (1, 3)
    """

    def locate(text: str) -> Span | None:
        found = re.search(pattern, text, flags)  # compiled at the first hit, and kept by re: imports stay quick
        return found.span() if found else None

    return locate


def load_signals(named: Iterable[str] = ()) -> None:
    """Import the user's own signals: modules, Python files, and the entry points `tamis.signals`.

    They are code, and run as such: only what the user names, or has installed, is imported.
    """
    for entry in entry_points(group="tamis.signals"):
        entry.load()
    for name in named:
        try:
            _import(name)
        except TamisError:
            raise
        except Exception as error:
            raise TamisError(f"--signals {name}: cannot be loaded: {type(error).__name__}: {error}") from error


def _import(name: str) -> None:
    path = Path(name)
    if path.suffix != ".py":
        if importlib.util.find_spec(name.partition(".")[0]) is None:
            raise TamisError(f"--signals {name}: no such module; a file's name ends in .py")
        importlib.import_module(name)
        return
    if not path.exists():
        raise TamisError(f"--signals {name}: no such file")
    spec = importlib.util.spec_from_file_location(f"tamis_signals_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise TamisError(f"--signals {name}: is no Python module")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
