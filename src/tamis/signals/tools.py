"""Tool calls: do they parse, is the tool defined, do the arguments fit it, is every call answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import orjson
import polars as pl

from tamis.json_schema import misfits
from tamis.records.tool_calls import definitions
from tamis.registry import signal

Place = tuple[int, int]
Judge = Callable[[Mapping[str, Any], str | None, str | None], bool]
_PLACE: Final = {"row": pl.Int64, "turn": pl.Int32}
_SPOKEN: Final = pl.col("side").is_null()
_SOURCE: Final = "finelint; llm-sanitizer"
_CALL_IN_TEXT: Final = re.compile(r"(?i)[{\[(<`]|\baction\b|\btools?\b|\bcall")


@signal(unit="count", source=_SOURCE, severity="high", reduce="sum")
def tool_argument_faults(turns: pl.DataFrame, calls: pl.DataFrame) -> pl.Series:
    """Tool calls whose arguments are no JSON object, or that are no JSON at all; null for a row without a call.

    Trainers hand the arguments to a chat template as an object, and stop or write a string where they are none.

    False positives: sets that write calls in another language on purpose, such as `get_weather(city="Rome")`.
    """
    wrong = calls.filter(pl.col("arguments").is_null()).select("row", "turn").rows()
    return _at_turns(turns, calls.select("row", "turn").unique(), wrong)


@signal(unit="count", source=_SOURCE, severity="high", reduce="sum")
def undefined_tools(turns: pl.DataFrame, rows: pl.DataFrame, calls: pl.DataFrame) -> pl.Series:
    """Calls of a tool that the row's `tools` does not define; null for a row without calls or definitions.

    Definitions that cannot be read (no JSON, or without names) are not judged.

    False positives: tools that the system prompt defines and `tools` does not repeat.
    """
    return _judged_calls(turns, rows, calls, lambda tools, name, _: name is not None and name not in tools)


@signal(unit="count", source=_SOURCE, severity="medium", reduce="sum")
def tool_schema_faults(turns: pl.DataFrame, rows: pl.DataFrame, calls: pl.DataFrame) -> pl.Series:
    """Tool calls whose arguments do not fit the tool's JSON schema; null for a row without calls or definitions.

    Judged are types, `enum`, `const`, `required`, `items`, `anyOf` and unknown names (also where the schema does not
    forbid them: a function has no parameter for them). A null for what is not required counts as left out.

    False positives: definitions that say `number` where they mean a list of them.
    """
    return _judged_calls(turns, rows, calls, _does_not_fit)


@signal(unit="count", source=_SOURCE, severity="medium", reduce="sum")
def unanswered_calls(turns: pl.DataFrame, calls: pl.DataFrame) -> pl.Series:
    """Tool calls without a result before anybody speaks on; null for a row without a call.

    Calls that end a conversation are what is to be learnt, and fine. Where calls or results bear no id, a result
    answers all calls before it.

    False positives: tools that give nothing back, such as handing over to a person.
    """
    return _at_turns(turns, calls.select("row", "turn").unique(), _exchanges(turns, calls)[0])


@signal(unit="count", source=_SOURCE, severity="medium", reduce="sum")
def orphan_results(turns: pl.DataFrame, calls: pl.DataFrame) -> pl.Series:
    """Tool turns that answer no call: none came before, or none of that id; null for a row without a tool turn.

    Where no turn has calls beside its text, the assistant's text before the result is looked at: anything in it that
    may be a call (a bracket, a tag, "Action") is taken for one.

    False positives: calls written as plain words ("I will look it up.").
    """
    results = turns.filter(_SPOKEN & (pl.col("role") == "tool")).select("row", "turn")
    return _at_turns(turns, results, _exchanges(turns, calls)[1])


def _judged_calls(turns: pl.DataFrame, rows: pl.DataFrame, calls: pl.DataFrame, at_fault: Judge) -> pl.Series:
    """Calls at fault by turn, where the row's definitions can be read."""
    judged: list[Place] = []
    faults: list[Place] = []
    tools = rows["tools"]
    for row, turn, name, arguments in calls.select("row", "turn", "name", "arguments").iter_rows():
        defined = None if tools[row] is None else definitions(tools[row])
        if defined is not None:
            judged.append((row, turn))
            if at_fault(defined, name, arguments):
                faults.append((row, turn))
    return _at_turns(turns, pl.DataFrame(judged, schema=_PLACE, orient="row").unique(), faults)


def _does_not_fit(defined: Mapping[str, Any], name: str | None, arguments: str | None) -> bool:
    schema = None if name is None else defined.get(name)
    if schema is None or arguments is None or type(schema.get("properties")) is not dict:
        return False
    required = schema["required"] if type(schema.get("required")) is list else []
    given = {key: held for key, held in orjson.loads(arguments).items() if held is not None or key in required}
    return next(misfits(given, {"additionalProperties": False, **schema}), None) is not None


def _exchanges(turns: pl.DataFrame, calls: pl.DataFrame) -> tuple[list[Place], list[Place]]:
    """Where calls stay without a result, a place a call, and where results answer no call."""
    unanswered: list[Place] = []
    orphans: list[Place] = []
    asked: dict[Place, list[str | None]] = {}
    for row, turn, name in calls.select("row", "turn", "id").iter_rows():
        asked.setdefault((row, turn), []).append(name)
    spoken = turns.filter(_SPOKEN & ~pl.col("role").is_in(["system", "developer"]))
    calling = spoken.filter((pl.col("role") == "tool") | pl.col("tool_calls").is_not_null())["row"].unique()
    told = spoken.filter(pl.col("row").is_in(calling.implode())).select("row", "turn", "role", "text", "tool_call_id")
    for _, chat in groupby(told.iter_rows(), itemgetter(0)):
        waiting, ids, before = list[tuple[Place, str | None]](), set[str | None](), ""
        for row, turn, role, text, answered in chat:
            here = (row, turn)
            if role == "tool":
                named = answered if None not in ids else None
                waiting = [call for call in waiting if named is not None and call[1] != named]
                if (ids and named is not None and named not in ids) or not (ids or _CALL_IN_TEXT.search(before)):
                    orphans.append(here)
            elif here in asked:
                waiting += [(here, name) for name in asked[here]]
                ids |= set(asked[here])
            else:
                unanswered += [place for place, _ in waiting]
                waiting, before = [], text if role == "assistant" else ""
    return unanswered, orphans


def _at_turns(turns: pl.DataFrame, judged: pl.DataFrame, faults: list[Place]) -> pl.Series:
    """The faults at each turn that was judged, null at the others."""
    if judged.is_empty():
        return pl.repeat(None, turns.height, dtype=pl.Int64, eager=True)
    counted = pl.DataFrame(faults, schema=_PLACE, orient="row").group_by("row", "turn").len("faults")
    values = judged.join(counted, on=["row", "turn"], how="left").with_columns(pl.col("faults").fill_null(0))
    joined = turns.select("row", "turn").join(values, on=["row", "turn"], how="left", maintain_order="left")
    return joined["faults"].cast(pl.Int64)
