"""The filters for web pages, as presets that nobody gets without asking."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.recipe import built_in, load
from tamis.registry import SIGNALS
from tests.signals.chats import asked, assistant, inputs_of, of_answer, user, values

PRESETS = ("gopher", "c4", "fineweb")
PAGE = """The mill that stands below our village has ground the corn of four parishes since the days of Queen Anne.
Its wheel was made of oak, and carpenters from Bristol came each spring to mend what ice and floods had broken.
Farmers would wait in the yard with their carts until the miller called them, one after another, by name.
Nobody knows who built it. A stone above the door bears two letters, which some take for those of a bishop!
When steam arrived, grain went to town instead; children learned to swim where horses used to drink."""
_POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
_PIECES = st.sampled_from(
    ["The mill turns.", "Is it so? ", "It is!", "a b", "...", '"', "'", "[1]", "[edit]", "{", "JavaScript ",
     "Lorem ipsum ", "we use cookies ", "x" * 1001, " ", "\n", "\n\n", "one two three "]
)  # fmt: skip


def c4(text: str, *, terminal_punctuation: bool) -> tuple[int, int, int, float]:
    """Sentences, lines with a bracket, lines with "lorem ipsum", and the share of lines kept: datatrove's loop."""
    sentences = brackets = lorem = kept = 0
    lines = [line.strip() for line in text.split("\n")]
    for line in lines:
        words = line.split()
        if any(len(word) > 1000 for word in words):
            continue
        cited = re.sub(r"(\[\d*\]|\[edit\]|\[citation needed\])+$", "", line)
        if terminal_punctuation and (not cited.endswith((".", "?", "!", '"', "'")) or cited.endswith("...")):
            continue
        if len(words) < 3:
            continue
        lorem += "lorem ipsum" in line.lower()
        if "javascript" in line.lower():
            continue
        brackets += "{" in line
        if any(phrase in line.lower() for phrase in _POLICY):
            continue
        kept += 1
        ends = re.findall(r"[.!?]+[\"'”’)\]]*(?:\s|$)", line)
        sentences += len(ends) + (re.search(r"[.!?]+[\"'”’)\]]*$", line) is None)
    return sentences, brackets, lorem, kept / max(sum(line != "" for line in lines), 1)


@pytest.mark.parametrize("terminal_punctuation", [True, False])
@settings(max_examples=60, deadline=None)
@given(text=st.lists(_PIECES, max_size=30).map("".join))
def test_lines_are_judged_as_datatrove_judges_them(text: str, terminal_punctuation: bool) -> None:
    recipe = load("c4").set([f"c4_sentences.terminal_punctuation={str(terminal_punctuation).lower()}"])
    given = recipe.signals["c4_sentences"]
    names = ("c4_sentences", "c4_brackets", "c4_lorem_ipsum", "c4_line_ratio")
    found = tuple(SIGNALS[name].function(inputs_of([asked("Say it.", text)]).responses, **given)[0] for name in names)
    assert found == pytest.approx(c4(text, terminal_punctuation=terminal_punctuation))


def test_only_a_preset_computes_what_web_pages_need() -> None:
    modules = ("tamis.signals.web", "tamis.signals.repetition")
    measures = {name for name, signal in SIGNALS.items() if signal.function.__module__ in modules}
    others = [name for name in built_in() if name not in PRESETS]
    assert measures
    assert all(SIGNALS[name].on_request for name in measures)
    assert not any(measures & set(load(name).signals) for name in others)
    assert measures <= {name for preset in PRESETS for name in load(preset).signals}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_keeps_a_page_and_drops_a_good_short_answer(preset: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    rows = [("Tell me of the mill.", PAGE), ("Which city is the capital of France?", "Paris")]
    file.write_bytes(b"\n".join(orjson.dumps({"instruction": said, "output": answer}) for said, answer in rows))
    assert set(tamis.audit(file, recipe=preset).findings["row"]) == {1}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_says_that_it_is_not_for_instruction_data(preset: str) -> None:
    recipe = load(preset)
    assert "not for instruction data" in recipe.description
    assert {rule.action for rule in recipe.rules.values()} == {"drop"}


def test_words_are_added_up_over_the_answers_of_a_row() -> None:
    assert values("gopher_words", [[user("Hi"), assistant("One two."), assistant("Three!")]]) == [3]
    assert of_answer("mean_word_length", "...") is None
    assert of_answer("repeated_line_character_ratio", "abcd\nabcd") == 0.5
