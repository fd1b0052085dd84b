"""Tool calls and their results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tamis
from tamis.inputs import Inputs
from tamis.measure import compute
from tamis.records.tool_calls import definitions
from tamis.registry import get
from tests.signals.chats import assistant, records_of, turn, user, value

RULES = ("tool_argument_faults", "undefined_tools", "tool_schema_faults", "unanswered_calls", "orphan_results")
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {**PARAMETERS, "required": ["city"]}}}]


def calls(arguments: Any = '{"city": "Rome"}', name: str = "weather", id: str | None = "c1") -> dict[str, Any]:  # noqa: A002
    return {"type": "function", "id": id, "function": {"name": name, "arguments": arguments}}


def of_call(rule: str, call: Any, tools: Any = TOOLS) -> Any:
    """A signal's value for one row with this call, as OpenAI writes it."""
    said = [{"role": "user", "content": "How is Rome?"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
    records = records_of(json.dumps({"messages": said, **({"tools": tools} if tools is not None else {})}))
    return compute(get(rule), Inputs(records), {}).values.to_list()[0]


@pytest.mark.parametrize("arguments", ["{city: 1}", "", "[]", '"x"', "3", "null", "{'city': 'Rome'}", [1], 7])
def test_arguments_must_be_an_object(arguments: Any) -> None:
    assert of_call("tool_argument_faults", calls(arguments)) == 1


@given(arguments=st.dictionaries(st.text(), st.none() | st.booleans() | st.integers(-9, 9) | st.text()))
def test_any_object_will_do_as_it_is_or_as_text(arguments: dict[str, Any]) -> None:
    assert of_call("tool_argument_faults", calls(arguments)) == 0
    assert of_call("tool_argument_faults", calls(json.dumps(arguments))) == 0


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ('{"city": "Rome"}', 0),
        ('{"city": "Rome", "days": 2.0}', 0),
        ('{"city": "Rome", "days": null}', 0),
        ('{"city": null}', 1),
        ("{}", 1),
        ('{"city": 3}', 1),
        ('{"city": "Rome", "day": 2}', 1),
        ('{"city": "Rome", "days": true}', 1),
        ("no JSON", 0),  # which is another rule's
    ],
)
def test_arguments_fit_their_schema(arguments: str, fault: int) -> None:
    assert of_call("tool_schema_faults", calls(arguments)) == fault


@pytest.mark.parametrize("tools", [None, "no JSON", [{"type": "web_search"}], 7])
def test_without_definitions_nothing_is_judged_by_them(tools: Any) -> None:
    assert of_call("undefined_tools", calls(), tools) is None
    assert of_call("tool_schema_faults", calls(), tools) is None


@pytest.mark.parametrize(
    "tools",
    [
        TOOLS,
        TOOLS[0],
        TOOLS[0]["function"],
        json.dumps(TOOLS),
        [json.dumps(TOOLS[0])],
        {"function_declarations": [TOOLS[0]["function"]]},
        [{"name": "weather", "input_schema": TOOLS[0]["function"]["parameters"]}],
    ],
)
def test_definitions_are_read_in_every_shape(tools: Any) -> None:
    assert definitions(tools if isinstance(tools, str) else json.dumps(tools)) == {
        "weather": TOOLS[0]["function"]["parameters"]
    }
    assert of_call("undefined_tools", calls(), tools) == 0
    assert of_call("undefined_tools", calls(name="whether"), tools) == 1
    assert of_call("tool_schema_faults", calls("{}"), tools) == 1


def chat(letters: str) -> list[Any]:
    """u(ser), a(ssistant), s(ystem), a call by its capital letter (its id) or C without one, a result by 1, 2 or t."""
    said = []
    for letter in letters:
        if letter == "C":
            said.append(assistant("", tool_calls='[{"name": "w"}]'))
        elif letter in "AB":
            said.append(assistant("", tool_calls=json.dumps([{"name": "w", "id": letter}])))
        elif letter == "D":
            said.append(assistant("", tool_calls='[{"name": "w", "id": "A"}, {"name": "w", "id": "B"}]'))
        elif letter in "12":
            said.append(turn("tool", tool_call_id=" AB"[int(letter)]))
        else:
            role = {"u": "user", "a": "assistant", "s": "system", "t": "tool"}[letter]
            said.append(turn(role, "Let me see."))
    return said


@pytest.mark.parametrize(
    ("letters", "unanswered", "orphans"),
    [
        ("uCta", 0, 0),
        ("uC", 0, None),
        ("uCu", 1, None),
        ("uCa", 1, None),
        ("uA1a", 0, 0),
        ("uA2a", 1, 1),
        ("uAta", 0, 0),
        ("uC1a", 0, 0),
        ("uD12a", 0, 0),
        ("uD21a", 0, 0),
        ("uD1a", 1, 0),
        ("uD", 0, None),
        ("uDu", 2, None),
        ("uA1B2a", 0, 0),
        ("uAB12a", 0, 0),
        ("uA1a2", 0, 1),
        ("uA1s1a", 0, 0),
        ("uta", None, 1),
        ("uata", None, 1),
        ("t", None, 1),
        ("ua", None, None),
        ("", None, None),
    ],
)
def test_calls_have_results_and_results_calls(letters: str, unanswered: int | None, orphans: int | None) -> None:
    assert value("unanswered_calls", chat(letters)) == unanswered
    assert value("orphan_results", chat(letters)) == orphans


@pytest.mark.parametrize("said", ['{"name": "w"}', "<tool_call>", "Action: look", "search(x)", "`ls`"])
def test_what_may_be_a_call_in_the_text_is_one(said: str) -> None:
    assert value("orphan_results", [user("Hi"), assistant(said), turn("tool"), assistant("Done.")]) == 0


@pytest.mark.parametrize("rule", RULES)
def test_calls_of_a_rejected_answer_are_not_judged(rule: str) -> None:
    rejected = assistant("", side="rejected", tool_calls="no JSON")
    assert value(rule, [user("Hi"), assistant("Hello."), rejected]) is None


def test_the_evidence_shows_the_call_where_the_turn_has_no_text(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": None, "tool_calls": [calls("{oops")]}]
    rows.write_text(json.dumps({"messages": said}) + "\n")
    turn_number, shown = tamis.audit(rows).rows_of("tool_arguments").select("turn", "excerpt").row(0)
    assert turn_number == 1
    assert '"name":"weather"' in shown


@pytest.mark.parametrize("form", ["openai", "function_call", "sharegpt", "list", "part"])
def test_calls_are_read_in_every_form(form: str) -> None:
    plain = {"name": "weather", "arguments": "{oops"}
    rows = {
        "openai": {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": plain}]},
        "function_call": {"role": "assistant", "content": None, "function_call": plain},
        "part": {"role": "assistant", "content": [{"type": "tool_call", "value": json.dumps(plain)}]},
    }
    if form in rows:
        row: Any = {"messages": [{"role": "user", "content": "Hi"}, rows[form]]}
    else:
        held = json.dumps(plain if form == "sharegpt" else [plain])
        row = {"conversations": [{"from": "human", "value": "Hi"}, {"from": "function_call", "value": held}]}
    assert compute(get("tool_argument_faults"), Inputs(records_of(json.dumps(row))), {}).values.to_list() == [1]
