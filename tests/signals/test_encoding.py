"""Text that went through the wrong encoding."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest
from ftfy.badness import MOJIBAKE_CATEGORIES
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.signals.encoding import misread
from tests.signals.chats import asked, of_answer, value, values

FTFY = Path(os.environ.get("TAMIS_DATA", Path(__file__).parents[3] / "shared" / "data")) / "noise"


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "mac_roman"])
@pytest.mark.parametrize("text", ["café", "Straße", "naïve", "mañana", "don’t", "10 °C", "“no” – it said…"])
def test_utf8_read_with_another_codec_is_mojibake(text: str, codec: str) -> None:
    try:
        broken = text.encode().decode(codec)
    except UnicodeDecodeError:
        pytest.skip("cp1252 leaves five bytes without a character")
    assert of_answer("mojibake", broken) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "café",
        "VOILÀ",
        "MAÇÃ, NÃO",
        "Ångström Å² and µ°",
        "√2 and √π",
        "¬a ∨ b",
        "Привет",
        "Ñandú",
        "«Ä» „Ö“",
        "10 °C",
        "à propos",
        "Ünï",
        "日本語",
        "naïve £5 – ‘ok’",
        "ÐÑ",
        "plain",
    ],
)
def test_accents_that_belong_there_are_not(text: str) -> None:
    assert of_answer("mojibake", text) == 0


def _cases(name: str) -> list[dict[str, str]]:
    file = FTFY / f"rspeer_python-ftfy--{name}.json"
    if not file.exists():
        pytest.skip(f"{file} is not there")
    return orjson.loads(file.read_bytes())


def _needs_repair(case: dict[str, str]) -> bool:
    """Whether ftfy expects another text once the encoding is mended, quotes and ligatures left as they are."""
    return case.get("fixed-encoding", case["fixed"]) != case["original"]


@pytest.mark.data
@pytest.mark.parametrize(("name", "cases"), [("in-the-wild", 66), ("language-names", 20), ("synthetic", 16)])
def test_what_needs_repair_is_found(name: str, cases: int) -> None:
    broken = [case["original"] for case in _cases(name) if _needs_repair(case)]
    assert len(broken) == cases
    assert [text for text in broken if not misread(text)] == []


@pytest.mark.data
@pytest.mark.parametrize("name", ["negative", "synthetic", "in-the-wild"])
def test_what_ftfy_leaves_is_not_mojibake(name: str) -> None:
    whole = [case["original"] for case in _cases(name) if name == "negative" or not _needs_repair(case)]
    assert [text for text in whole if misread(text)] == []


_SIGNS = "".join(MOJIBAKE_CATEGORIES.values()).replace("-", "")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(_SIGNS + "ÃÂÅÐâàð€™a b\nZ. ", max_size=12), max_size=4))
def test_the_fast_pattern_misses_nothing_that_ftfy_would_mend(texts: list[str]) -> None:
    counted = values("mojibake", [asked("Say it.", text) for text in texts])
    assert counted == [len(misread(text)) for text in texts]


def test_characters_are_counted_in_questions_and_answers() -> None:
    chat = asked("a\x07b\ufffd", "c\u200bd\x1b")
    assert value("control_characters", chat) == 2
    assert value("replacement_characters", chat) == 1
    assert value("zero_width_characters", chat) == 1


@pytest.mark.parametrize("text", ["a\tb\r\nc", "👩\u200d🚀", "می\u200cخواهم", ""])
def test_tabs_line_ends_and_joiners_at_work_are_fine(text: str) -> None:
    for name in ("control_characters", "zero_width_characters", "replacement_characters"):
        assert of_answer(name, text) == 0
