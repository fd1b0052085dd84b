"""Text that went through the wrong encoding."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from tamis.signals.encoding import misread
from tests.signals.chats import asked, of_answer, value

FTFY = Path(os.environ.get("TAMIS_DATA", Path(__file__).parents[3] / "shared" / "data")) / "noise"
AMBIGUOUS = "Bremer/Mccoy – DrÃ¥ber"  # "Dråber" misread, which ftfy leaves since two codecs could have done it


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


@pytest.mark.data
def test_what_ftfy_must_not_change_is_not_mojibake() -> None:
    if not FTFY.exists():
        pytest.skip("no $TAMIS_DATA")
    negative = orjson.loads((FTFY / "rspeer_python-ftfy--negative.json").read_bytes())
    assert [case["original"] for case in negative if misread(case["original"])] == [AMBIGUOUS]


@pytest.mark.data
def test_half_of_the_mojibake_in_the_wild_is_found() -> None:
    if not FTFY.exists():
        pytest.skip("no $TAMIS_DATA")
    wild = orjson.loads((FTFY / "rspeer_python-ftfy--in-the-wild.json").read_bytes())
    assert sum(bool(misread(case["original"])) for case in wild) >= len(wild) * 0.6


def test_characters_are_counted_in_questions_and_answers() -> None:
    chat = asked("a\x07b\ufffd", "c\u200bd\x1b")
    assert value("control_characters", chat) == 2
    assert value("replacement_characters", chat) == 1
    assert value("zero_width_characters", chat) == 1


@pytest.mark.parametrize("text", ["a\tb\r\nc", "👩\u200d🚀", "می\u200cخواهم", ""])
def test_tabs_line_ends_and_joiners_at_work_are_fine(text: str) -> None:
    for name in ("control_characters", "zero_width_characters", "replacement_characters"):
        assert of_answer(name, text) == 0
