"""Recipes: TOML that says which signals to compute and which thresholds on them drop or flag a row.

A recipe is checked whole before any row is read: an unknown key, rule, signal, option or column is an
error that names the nearest one that exists.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl

import tamis.signals  # noqa: F401 - fills the registry
from tamis.errors import TamisError, unknown
from tamis.keeping import parse_keep
from tamis.records.table import ROWS
from tamis.registry import SIGNALS, Scope, Severity, Signal, get

Action = Literal["drop", "flag"]
COLUMNS = ("row", "file", "line", "source_schema", "by")


@dataclass(frozen=True)
class Rule:
    """One threshold on one signal, and what happens to the rows beyond it."""

    name: str
    signal: str
    action: Action = "flag"
    at_least: float | None = None
    at_most: float | None = None
    where: str | None = None
    message: str | None = None
    severity: Severity | None = None

    @property
    def what(self) -> str:
        """What the rule finds, for people."""
        return self.message or self.name.replace("_", " ")

    @property
    def threshold(self) -> float | None:
        """The number the value is held against; None for a flag."""
        return self.at_least if self.at_least is not None else self.at_most

    @property
    def looks_low(self) -> bool:
        """Whether the lowest of a row's texts makes it fire, and is the evidence; otherwise it is the highest."""
        return self.at_least is None and self.at_most is not None

    @property
    def condition(self) -> str:
        """The rule as a formula, such as `sentence_repeats >= 5`."""
        bounds = [
            f"{sign} {bound:g}" for sign, bound in ((">=", self.at_least), ("<=", self.at_most)) if bound is not None
        ]
        formula = f"{self.signal} {' and '.join(bounds)}".rstrip()
        return f"{formula} where {self.where}" if self.where else formula

    def fires(self) -> pl.Expr:
        """True for the rows the rule hits, over a frame that has the signal's column."""
        value = pl.col(self.signal)
        hit = value.is_not_null()
        if self.at_least is None and self.at_most is None:
            hit = hit & value.cast(pl.Boolean)
        if self.at_least is not None:
            hit = hit & (value >= self.at_least)
        if self.at_most is not None:
            hit = hit & (value <= self.at_most)
        if self.where is not None:
            hit = hit & pl.sql_expr(self.where)
        return hit.fill_null(False)


@dataclass(frozen=True)
class Recipe:
    """Signals with their options, rules, and which of several duplicates is kept."""

    name: str
    description: str
    signals: Mapping[str, Mapping[str, Any]]
    rules: Mapping[str, Rule]
    keep: str = "fewest"
    text: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def compares_texts(self) -> bool:
        """Whether a signal looks at the texts of all rows together."""
        return any("corpus" in get(name).inputs for name in self.signals)

    def rules_on(self, scope: Scope) -> list[Rule]:
        """The rules whose signals have that scope, in order."""
        return [rule for rule in self.rules.values() if get(rule.signal).scope == scope]

    def signals_of(self, scope: Scope) -> list[Signal]:
        """The signals of that scope that the recipe computes, in order."""
        return [get(name) for name in self.signals if get(name).scope == scope]

    def only(self, rules: Iterable[str]) -> Recipe:
        """The same recipe with those rules alone, and the signals they need."""
        chosen = {name: self.rules[name] for name in rules}
        needed = {name for rule in chosen.values() for name in (rule.signal, *_columns(rule)) if name in SIGNALS}
        needed.add(parse_keep(self.keep).signal or "")
        return replace(self, rules=chosen, signals={k: v for k, v in self.signals.items() if k in needed})

    def set(self, changes: Iterable[str]) -> Recipe:
        """The recipe with single values changed: `RULE.KEY=VALUE`, `SIGNAL.OPTION=VALUE` or `keep=POLICY`."""
        text = {key: value for key, value in self.text.items() if key != "action"}
        forced = {"action": self.text["action"]} if "action" in self.text else {}
        text["rules"] = {name: {**rule, **forced} for name, rule in self.text.get("rules", {}).items()}
        text["signals"] = {name: dict(options) for name, options in self.text.get("signals", {}).items()}
        for change in changes:
            target, equals, value = change.partition("=")
            if target == "keep":
                text["keep"] = value
                continue
            name, dot, key = target.partition(".")
            if not equals or not dot:
                raise TamisError(
                    f"--set {change}: write it as RULE.KEY=VALUE, for instance --set truncated.action=drop"
                )
            is_option = name in SIGNALS and key in SIGNALS[name].options
            if name in text["rules"] and not is_option:
                if key not in _RULE_KEYS:
                    raise unknown(f"key of rule '{name}'", key, _RULE_KEYS)
                text["rules"][name][key] = _value(value)
            elif name in SIGNALS:
                text["signals"].setdefault(name, {})[key] = _value(value)
            else:
                raise unknown("rule", name, (*text["rules"], *SIGNALS))
        return parse(text)


_RULE_KEYS = ("signal", "action", "at_least", "at_most", "where", "message", "severity")
_KEYS = ("name", "description", "extends", "compute", "keep", "action", "signals", "rules")


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return text


@cache
def built_in() -> dict[str, str]:
    """The names and descriptions of the recipes that come with tamis."""
    folder = resources.files("tamis") / "recipes"
    texts = {Path(file.name).stem: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")}
    return {name: str(tomllib.loads(texts[name]).get("description", "")) for name in sorted(texts, key=_default_first)}


def _default_first(name: str) -> tuple[bool, str]:
    return name != "default", name


def load(name: str | Path) -> Recipe:
    """A built-in recipe by its name, or one of your own by its path.

    >>> load("default").name
    'default'
    """
    return parse(_merged(name))


def _merged(name: str | Path, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """A recipe's tables on top of those it extends."""
    if str(name) in seen:
        raise TamisError(f"recipe {name} extends itself: {' > '.join((*seen, str(name)))}")
    own = _tables(name)
    _check_keys("recipe", own, _KEYS)
    if not isinstance(own.get("extends", ""), str):
        raise TamisError(f"recipe {name}: extends must be text, found {own['extends']!r}")
    if "extends" not in own:
        return own
    parent = _merged(own.pop("extends"), (*seen, str(name)))
    rules = {key: dict(rule) for key, rule in parent.get("rules", {}).items()}
    for key, rule in own.get("rules", {}).items():
        if rule is False:
            if key not in rules:
                raise unknown(f"rule turned off in {name}", key, rules)
            del rules[key]
        elif isinstance(rule, dict):
            rules[key] = {**rules.get(key, {}), **rule}
        else:
            raise TamisError(f"{name}: rules.{key} must be a table, or false to turn it off")
    return {
        **parent,
        **own,
        "rules": rules,
        "signals": {**parent.get("signals", {}), **own.get("signals", {})},
    }


def _tables(name: str | Path) -> dict[str, Any]:
    path = Path(name)
    if str(name) in built_in():
        text = (resources.files("tamis") / "recipes" / f"{name}.toml").read_text("utf-8")
    elif path.suffix == ".toml":
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TamisError(f"recipe {name}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    else:
        raise unknown("recipe", str(name), built_in())
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TamisError(f"recipe {name}: not valid TOML: {error}") from None
    return {"name": path.stem, **tables}


def parse(tables: Mapping[str, Any]) -> Recipe:
    """Check the tables of a recipe and make it."""
    name = str(tables.get("name", "recipe"))
    _check_keys(f"recipe {name}", tables, _KEYS)
    forced = {"action": tables["action"]} if "action" in tables else {}  # one action for every rule
    rules = {key: _rule(key, rule, forced) for key, rule in _table(tables, "rules").items()}
    options = _table(tables, "signals")
    compute = tables.get("compute", ["*"])
    if not isinstance(compute, list) or not all(isinstance(signal, str) for signal in compute):
        raise TamisError(f"recipe {name}: compute must be a list of signals, or ['*'] for all")
    wanted = (
        {s.name for s in SIGNALS.values() if not s.on_request}
        if "*" in compute
        else {get(signal).name for signal in compute}
    )
    wanted |= {rule.signal for rule in rules.values()} | set(options)
    wanted |= {column for rule in rules.values() for column in _columns(rule) if column in SIGNALS}
    keep = str(tables.get("keep", "fewest"))
    wanted |= {ranked} if (ranked := parse_keep(keep).signal) else set()
    for signal, given in options.items():
        _check_options(get(signal), given)
    for rule in rules.values():
        _check_floor(rule, options.get(rule.signal, {}))
    chosen = {signal: dict(options.get(signal, {})) for signal in SIGNALS if signal in wanted}
    return Recipe(name, str(tables.get("description", "")), chosen, rules, keep, dict(tables))


def _table(tables: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = tables.get(key, {})
    if not isinstance(table, dict):
        raise TamisError(f"recipe {tables.get('name')}: {key} must be a table")
    return table


def _check_keys(what: str, given: Any, known: tuple[str, ...]) -> None:
    if not isinstance(given, Mapping):
        raise TamisError(f"{what}: expected a table, found {given!r}")
    for key in given:
        if key not in known:
            raise (unknown(f"key in {what}", key, known) if known else TamisError(f"{what} has no option '{key}'"))


def _check_options(signal: Signal, given: Any) -> None:
    _check_keys(f"signal {signal.name}", given, tuple(signal.options))
    for key, value in given.items():
        default = signal.options[key]
        fits = _is_number(value) if _is_number(default) else isinstance(value, type(default))
        if default is not None and not fits:
            raise TamisError(f"signal {signal.name}: {key} must be like {default!r}, found {value!r}")


def _rule(name: str, given: Any, forced: Mapping[str, Any]) -> Rule:
    _check_keys(f"rule {name}", given, _RULE_KEYS)
    given = {**given, **forced}
    if "signal" not in given:
        raise TamisError(f"rule {name} names no signal")
    for key in ("signal", "where", "message"):
        if not isinstance(given.get(key, ""), str):
            raise TamisError(f"rule {name}: {key} must be text, found {given[key]!r}")
    signal = get(given["signal"])
    for key, known in (("action", get_args(Action)), ("severity", get_args(Severity))):
        if key in given and given[key] not in known:
            raise unknown(f"{key} of rule '{name}'", str(given[key]), known)
    for key in ("at_least", "at_most"):
        if key in given and not _is_number(given[key]):
            raise TamisError(f"rule {name}: {key} must be a number, found {given[key]!r}")
    if signal.unit == "code":
        raise TamisError(
            f"rule {name}: {signal.name} tells codes, not numbers; compare it in the where of another rule"
        )
    if signal.unit != "flag" and "at_least" not in given and "at_most" not in given:
        raise TamisError(f"rule {name}: signal {signal.name} counts {signal.unit}, so it needs at_least or at_most")
    rule = Rule(name, **given)
    _check_where(rule, signal)
    return rule


def _check_floor(rule: Rule, options: Mapping[str, Any]) -> None:
    """A rule on pairs needs a threshold that pairs are known down to."""
    signal = get(rule.signal)
    if signal.scope != "pairs":
        return
    floor = options.get("floor", signal.options.get("floor", 0.0))
    if rule.at_least is None or rule.at_most is not None:
        raise TamisError(f"rule {rule.name}: {signal.name} needs at_least, and takes no at_most")
    if not floor <= rule.at_least <= 1:
        raise TamisError(
            f"rule {rule.name}: at_least must be from {floor:g} to 1, found {rule.at_least:g}; pairs are known down to "
            f"that floor, which --set {signal.name}.floor=... lowers for an audit, and --floor for tamis duplicates"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_KINDS: Mapping[str, pl.DataType] = {"flag": pl.Boolean(), "code": pl.String()}
"""The type of a signal's column by its unit, where it is no number."""


def _check_where(rule: Rule, signal: Signal) -> None:
    for column in _columns(rule):
        if column not in SIGNALS and column not in COLUMNS:
            raise unknown(f"column in rule {rule.name}", column, (*SIGNALS, *COLUMNS))
        if signal.scope == "row" and column in SIGNALS and get(column).scope != "row":
            raise TamisError(f"rule {rule.name}: a rule on a row signal cannot look at {column}, a corpus signal")
    if rule.where is not None:
        kinds = {name: _KINDS.get(s.unit, pl.Float64()) for name, s in SIGNALS.items()}
        try:
            found = pl.DataFrame(schema=kinds | {c: ROWS[c] for c in COLUMNS}).select(pl.sql_expr(rule.where))
        except pl.exceptions.PolarsError as error:
            raise TamisError(f"rule {rule.name}: where cannot be computed: {str(error).splitlines()[0]}") from None
        if found.dtypes != [pl.Boolean]:
            raise TamisError(f"rule {rule.name}: where must be true or false for a row, and is {found.dtypes[0]}")


def _columns(rule: Rule) -> list[str]:
    """The columns that a rule's `where` looks at."""
    if rule.where is None:
        return []
    try:
        return pl.sql_expr(rule.where).meta.root_names()
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise TamisError(f"rule {rule.name}: where is not a SQL expression: {error}") from None


assert set(COLUMNS) <= set(ROWS)
