"""Answers that are no text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tamis
from tamis.recipe import load
from tamis.signals.noise import first_unopened
from tests.signals.chats import asked, of_answer, user, values

NULL_MODEL = (
    Path(os.environ.get("TAMIS_DATA", Path(__file__).parents[3] / "shared" / "data"))
    / "instructions"
    / "tatsu-lab_alpaca_eval--NullModel__model_outputs.json"
)


@given(st.text("{}a\n", max_size=40))
def test_what_closes_more_than_it_opens_has_a_brace_that_nothing_opened(text: str) -> None:
    count = of_answer("surplus_braces", text)
    assert count == max(text.count("}") - text.count("{"), 0)
    if count:
        span = first_unopened(text)
        assert span is not None
        before = text[: span[0]]
        assert text[slice(*span)] == "}"
        assert before.count("{") == before.count("}")


def test_braces_of_a_prompt_do_not_count() -> None:
    assert values("surplus_braces", [asked("} } } } } } } } }", "Braces."), [user("}")]]) == [0, None]


@pytest.mark.data
def test_the_answer_of_the_null_model_is_noise_in_every_row_alone() -> None:
    if not NULL_MODEL.exists():
        pytest.skip(f"{NULL_MODEL} is not there")
    found = tamis.audit(NULL_MODEL, recipe=load("default").only(["unopened_braces"]))
    assert found.findings["row"].n_unique() == 805
