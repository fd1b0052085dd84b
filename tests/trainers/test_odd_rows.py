"""Whatever stands in a row, a trainer's rules read it and say what is wrong, as the trainer itself would stop there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.trainers import TRAINERS
from tamis.trainers._trainer import Row

SHAPES = [(trainer.name, shape.name) for trainer in TRAINERS.values() for shape in trainer.shapes]
KEYS = (
    "role", "content", "from", "value", "tool_calls", "function_call", "function", "arguments", "name", "id", "type",
    "tool_calls", "tool_call_id", "weight", "train", "thinking", "text", "messages",
)  # fmt: skip
COLUMNS = ("tools", "images", "system", "history", "kto_tag", "input", "label", "labels", "chosen", "rejected")
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats()
    | st.sampled_from(["", "x", "[1]", "{}", "user", "assistant", "human", "gpt", "tool", "system", "function_call"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


def messages(by: str, say: str, roles: tuple[str, str]) -> st.SearchStrategy[Any]:
    """Conversations that are sound but for a field or two, which is what gets past the first checks."""
    odd = st.dictionaries(st.sampled_from(KEYS), values, max_size=1)
    turn = st.builds(lambda role, more: {by: role, say: "hi", **more}, st.sampled_from(roles), odd)
    ends = st.tuples(odd, odd).map(
        lambda more: [{by: role, say: "hi", **one} for role, one in zip(roles, more, strict=True)]
    )
    return ends | st.lists(turn, max_size=4)


conversations = messages("role", "content", ("user", "assistant")) | messages("from", "value", ("human", "gpt"))
fields = conversations | conversations.filter(bool).map(lambda turns: turns[-1]) | values


@pytest.mark.parametrize(("trainer", "shape"), SHAPES)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_json_is_read(trainer: str, shape: str, data: st.DataObject) -> None:
    form = next(one for one in TRAINERS[trainer].shapes if one.name == shape)
    row = {name: data.draw(fields, name) for name in form.needs}
    row |= data.draw(st.dictionaries(st.sampled_from(COLUMNS).filter(lambda name: name not in row), fields, max_size=2))
    reading = TRAINERS[trainer].read(row, form)
    assert reading.problems or reading.examples
    for kind, message in reading.problems:
        assert kind.code
        assert message


def codes(trainer: str, row: dict[str, Any]) -> list[str]:
    rules = TRAINERS[trainer]
    return [kind.code for kind, _ in rules.read(row, rules.shape_of([row])).problems]


ODD = [["a"], {"a": 1}, 5, None, True]
ASKED: Row = {"role": "user", "content": "hi"}
SAID: Row = {"role": "assistant", "content": "yo"}


@pytest.mark.parametrize("calls", [5, True, 1.5, "x", {"function": 1}, [5], [None]])
@pytest.mark.parametrize("column", ["messages", "conversations"])
def test_axolotl_stops_at_tool_calls_that_are_no_list_of_objects(calls: Any, column: str) -> None:
    assert codes("axolotl", {column: [ASKED, {**SAID, "tool_calls": calls}]}) == ["wrong_type"]


@pytest.mark.parametrize("role", ODD)
def test_axolotl_maps_no_role_that_is_no_text(role: Any) -> None:
    turns, odd = [ASKED, SAID], [{**SAID, "role": role}]
    assert codes("axolotl", {"messages": odd, "chosen": [SAID], "rejected": [SAID]}) == ["unmapped_role"]
    assert codes("axolotl", {"messages": turns, "chosen": [SAID], "rejected": odd}) == ["unmapped_role"]


@pytest.mark.parametrize("role", ODD)
def test_llama_factory_knows_no_role_that_is_no_text(role: Any) -> None:
    asked, said = {"from": "human", "value": "hi"}, {"from": "gpt", "value": "yo"}
    # a list of tags is asked for a turn's role, which blanks the row; a mapping of tags for a side's, which stops
    assert codes("llama-factory", {"conversations": [asked, {**said, "from": role}]}) == ["unknown_role"]
    pair = {"conversations": [asked], "chosen": said, "rejected": {**said, "from": role}}
    assert codes("llama-factory", pair) == ["unmapped_role"]
    assert codes("llama-factory", {"messages": [ASKED, {**SAID, "role": role}]}) == ["unmapped_role"]
    pair = {"messages": [ASKED], "chosen": SAID, "rejected": {**SAID, "role": role}}
    assert codes("llama-factory", pair) == ["unmapped_role"]


@pytest.mark.parametrize("trainer", TRAINERS)
@pytest.mark.parametrize("place", ["arguments", "tools", "content"])
def test_what_cannot_be_written_as_json_again_is_read(trainer: str, place: str) -> None:
    deep: Any = 1
    for _ in range(400):  # orjson reads 1,024 levels and writes 254
        deep = [deep]
    call = {
        "id": "a",
        "type": "function",
        "function": {"name": "f", "arguments": deep if place == "arguments" else "{}"},
    }
    said = {**SAID, "tool_calls": [call], "content": deep if place == "content" else "yo"}
    row: Row = {"messages": [ASKED, said]}
    if place == "tools":
        row["tools"] = [deep]
    assert isinstance(codes(trainer, row), list)
