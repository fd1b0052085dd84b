"""What holds for every row signal."""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis import signals, tasks
from tamis.catalogue import known
from tamis.inputs import FIVE_LANGUAGES, Inputs
from tamis.measure import compute
from tamis.recipe import load
from tamis.registry import SIGNALS, Signal
from tests.signals.chats import asked, assistant, inputs_of, records_of, turn, user, values

ROW_SIGNALS = [signal for signal in SIGNALS.values() if signal.scope == "row"]
GERMAN = "Es tut mir leid, aber ich kann dabei nicht helfen, weil das gegen meine Regeln verstößt und nicht erlaubt ist"
CHATS = {
    "a question and its answer": asked("What is the capital of France?", "Paris is the capital of France."),
    "only a prompt": [user("What now?")],
    "only an answer": [assistant("Well, I never.")],
    "raw text": [turn("text", "Once upon a time there was a mill.")],
    "no turn": [],
    "a tool call": [
        user("Weather?"),
        assistant("", tool_calls='[{"name": "w"}]'),
        turn("tool", "{}"),
        assistant("Sunny."),
    ],
    "two rejected sides": [user("Hi"), assistant("Hello."), assistant("Go away.", side="rejected")],
    "an unknown role": [turn("narrator", "It rains."), user("Does it?"), assistant("It does.")],
    "thoughts": [user("1 + 1?"), assistant("2", reasoning="One and one make two.")],
    "German": asked(
        "Kannst du mir bitte helfen, ein Gedicht zu schreiben, das von dem Herbst und nicht von mir handelt?", GERMAN
    ),
    "Russian": asked(
        "Ты можешь мне помочь написать стихотворение?",
        "Извините, но с этим я вам помочь не могу, потому что это запрещено.",
    ),
    "emoji and NUL": asked("\x00", "👩\u200d🚀 \ufffd"),
}


def _firing(signal: Signal) -> str:
    """The text on which the catalogue's example makes the signal fire."""
    rule = next(rule for rule in load("default").rules.values() if rule.signal == signal.name)
    inputs = Inputs(records_of(known()[rule.name].fires))
    found = compute(signal, inputs, {}).by_text
    assert found is not None
    assert signal.over is not None
    texts = getattr(inputs, signal.over).text
    return texts[int(np.nan_to_num(found.astype(float)).argmax())]


RULED = {rule.signal for rule in load("default").rules.values()}
LOCATING = [s for s in ROW_SIGNALS if s.locate and s.name in RULED and s.over not in (None, "turns")]
FIRES = {signal.name: _firing(signal) for signal in LOCATING}


@pytest.mark.parametrize("signal", ROW_SIGNALS, ids=lambda signal: signal.name)
@pytest.mark.parametrize("chats", [list(CHATS.values()), [], [[]], [CHATS["only a prompt"]]], ids=len)
def test_a_signal_gives_one_value_for_each_of_what_it_reads(signal: Signal, chats: list) -> None:
    inputs = inputs_of(chats)
    column = compute(signal, inputs, {})  # raises where the number of values is wrong
    assert len(column.values) == len(chats)


@pytest.mark.parametrize("signal", ROW_SIGNALS, ids=lambda signal: signal.name)
def test_a_signal_does_not_depend_on_the_other_rows(signal: Signal) -> None:
    chats = list(CHATS.values())
    together = values(signal.name, chats)
    assert together == [values(signal.name, [chat])[0] for chat in chats]


@pytest.mark.parametrize("signal", [s for s in ROW_SIGNALS if s.over == "responses"], ids=lambda signal: signal.name)
def test_what_reads_answers_is_null_without_one(signal: Signal) -> None:
    assert values(signal.name, [CHATS["only a prompt"], CHATS["no turn"]]) == [None, None]


@pytest.mark.parametrize("signal", [s for s in ROW_SIGNALS if s.language], ids=lambda signal: signal.name)
def test_a_rule_for_some_languages_does_not_judge_another(signal: Signal) -> None:
    assert signal.language in ("English", FIVE_LANGUAGES)
    english, german, russian = values(
        signal.name, [CHATS["a question and its answer"], CHATS["German"], CHATS["Russian"]]
    )
    assert english is not None
    assert english < 0.1 or signal.name == "quality"  # which is high for good answers
    assert (german is None) == (signal.language == "English")
    assert russian is None


@pytest.mark.parametrize("signal", ROW_SIGNALS, ids=lambda signal: signal.name)
def test_a_signal_says_what_it_is_what_null_means_and_where_it_errs(signal: Signal) -> None:
    assert len(signal.summary) <= 120
    assert signal.summary.endswith((".", "]."))
    assert re.search(r"null|Null", signal.explanation)
    measure = signal.unit in ("characters", "words", "tokens") or signal.name == "turn_count"
    assert measure or "False positives:" in signal.explanation


@pytest.mark.parametrize("signal", LOCATING, ids=lambda signal: signal.name)
def test_where_a_signal_fires_its_span_lies_inside_the_text(signal: Signal) -> None:
    text = FIRES[signal.name]
    assert signal.locate is not None
    span = signal.locate(text)
    assert span is not None
    assert 0 <= span[0] < span[1] <= len(text)


@pytest.mark.parametrize("signal", LOCATING, ids=lambda signal: signal.name)
@settings(max_examples=25, deadline=None)
@given(text=st.lists(st.sampled_from([*FIRES.values(), "One.", "\n", "é", "👩\u200d🚀", "```", "√π", " "]), max_size=6))
def test_a_span_is_found_in_any_text_that_fires(signal: Signal, text: list[str]) -> None:
    said = "".join(text)
    if signal.over in ("responses", "texts"):
        inputs = inputs_of([asked("Say it.", said)])
        found = compute(signal, inputs, {}).by_text
        assert found is not None
        if (found[-1] or 0) > (1 if "repeats" in signal.name else 0):
            assert signal.locate is not None
            span = signal.locate(said)
            assert span is not None
            assert 0 <= span[0] < span[1] <= len(said)


PATTERNS = [
    pytest.param(value, id=f"{module.__name__}.{name}")
    for module in (tasks, *(import_module(found.name) for found in iter_modules(signals.__path__, "tamis.signals.")))
    for name, value in vars(module).items()
    if name.isupper() and not name.startswith("_") and isinstance(value, str)
]


def _texts() -> list[str]:
    written = [*FIRES.values(), *(said["text"] for chat in CHATS.values() for said in chat)]
    folder = Path(os.environ.get("TAMIS_DATA", Path(__file__).parents[3] / "shared" / "data"))
    real = folder / "instructions" / "hiyouga_LLaMA-Factory--alpaca_en_demo.json"
    if real.exists():
        written += [text for row in orjson.loads(real.read_bytes()) for text in (row["input"], row["output"])]
    return written


@pytest.mark.parametrize("expression", PATTERNS)
def test_polars_and_python_read_a_pattern_alike(expression: str) -> None:
    texts = _texts()
    compiled = re.compile(expression)
    counted = [sum(1 for _ in compiled.finditer(text)) for text in texts]
    assert pl.Series(texts).str.count_matches(expression).to_list() == counted
