"""Fields that hold nothing, or a marker in place of a value."""

from __future__ import annotations

from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import first_match, signal

_VISIBLE: Final = r"[^\s\p{Cc}\p{Cf}]"
_SAYS_MORE: Final = pl.col("tool_calls").is_not_null() | pl.col("reasoning").is_not_null() | (pl.col("media") > 0)

# "No input", "no answer", "not applicable" and "none" in German, French, Spanish and Chinese
_NO_INPUT: Final = (
    r"keine (?:eingabe|angaben?)|(?:aucune|pas d['’]) ?entrée|(?:sin|ninguna|no hay) entrada|[无無](?:输入|輸入)"
    r"|[没沒]有(?:输入|輸入)"
    r"|不需要(?:输入|輸入)"
)
_NO_ANSWER: Final = (
    r"keine (?:antwort|ausgabe)|(?:aucune|pas de) (?:réponse|sortie)|(?:sin|ninguna|no hay) (?:respuesta|salida)"
    r"|[无無](?:输出|輸出|回答|回复|答案)|[没沒]有(?:输出|輸出|回答|回复|答案)"
)
_NOTHING: Final = (
    r"nicht (?:zutreffend|anwendbar|verfügbar)|entfällt|sans objet|non (?:applicable|disponible)|aucune?|néant"
    r"|no (?:aplica|disponible)"
    r"|ningun[oa]|不[适適]用|[暂暫]?[无無]|[没沒]有"
)
INPUT_MARKER: Final = (
    r"(?i)^[\s`\"']*(?:"
    r"[\[(<]{0,2}\s*no[ _-]?(?:other |additional |further )?(?:input|context)s?\s*[\])>.!]{0,2}"
    r"|[\[(<]?(?:no (?:specific )?input (?:is )?(?:required|needed|necessary|given|provided|available)"
    r"|input (?:is )?not (?:required|needed|necessary|given|provided|available|applicable))[\])>.]?"
    rf"|[\[(<（【]?(?:none|n/a|n\.a\.|not applicable|null|nil|empty|nothing|-+|{_NO_INPUT}|{_NOTHING})"
    r"(?: (?:erforderlich|nötig|notwendig|vorhanden|requise|nécessaire|fournie|necesaria|requerida))?[\])>.）】。]?"
    r")[\s`\"']*$"
)
_BRACKETED: Final = (
    r"(?i)<(?:no|keine|aucune|sin)[ _-]?(?:input|output|eingabe|ausgabe|entrée|sortie|entrada|salida) ?>"
    rf"|\[ ?no[ _-]?(?:input|output) ?\]|<(?:{_NO_INPUT}|{_NO_ANSWER})>"
)
_MARKER_HINT: Final = r"(?:put|PUT|gaben?|rée|trada|twort|onse|rtie|uesta|lida|入|出|答|复|案) ?[>\]]"
_WHOLE: Final = r"(?i)^[\s`\"']*(?:no_?(?:input|output)|[<\[(]no (?:response|answer)[>\])])[.\s`\"']*$"
RESPONSE_MARKER: Final = f"{_BRACKETED}|{_WHOLE.removeprefix('(?i)')}"
MISSING_ANSWER: Final = (
    r"(?i)^[\s`\"'\[(<（【]*(?:no[ -](?:input|output|response|answer)s?|n/a|n\.a\.|none|null|nil|nan|undefined"
    r"|empty|tbd|todo"
    r"|not (?:applicable|available|provided|specified)|none (?:provided|given|available|required|needed)"
    r"|no (?:input|output|response|answer) (?:is )?(?:provided|given|available|required|needed)|\.+|-+|\?+|…+"
    rf"|{_NO_ANSWER}|{_NO_INPUT}|{_NOTHING})"
    r"[\])>.!）】。\s`\"']*$"
)


@signal(unit="flag", source="FastChat; open-instruct", severity="high", reduce="any")
def empty_prompt(prompts: Texts, turns: pl.DataFrame) -> pl.Series:
    """Whether a user turn holds nothing to read: no visible character and no image, audio or video.

    Null for a row in which no user speaks. A first user turn that follows a system turn with text does
    not count: the system turn may hold the whole instruction.

    False positives: rows made by letting a model write the user's turn (Magpie) before it was filled in.
    """
    excused = prompts.at(turns.filter(_SAYS_MORE)) | prompts.at(_opened_by_a_system(turns))
    return ~prompts.text.str.contains(_VISIBLE) & ~pl.Series(excused)


@signal(unit="flag", source="AlpacaDataCleaned: empty outputs; open-instruct", severity="high", reduce="any")
def empty_response(responses: Texts, turns: pl.DataFrame) -> pl.Series:
    """Whether an answer holds nothing: no visible character, tool call, reasoning or media.

    Null for a row without an answer, such as a prompt-only row. White space, control characters and
    zero-width characters are not visible.

    False positives: none known; a dialogue in which the model rightly stays silent would be one.

    >>> from tamis.inputs import Inputs
    >>> from tamis.records.table import ROWS, TURNS, Records
    >>> said = [{"row": 0, "turn": 0, "role": "assistant", "text": text} for text in (" ", "No.")]
    >>> turns = pl.DataFrame(said, schema=TURNS)
    >>> inputs = Inputs(Records(pl.DataFrame(schema=ROWS), turns))
    >>> empty_response(inputs.responses, inputs.turns).to_list()
    [True, False]
    """
    return ~responses.text.str.contains(_VISIBLE) & ~pl.Series(responses.at(turns.filter(_SAYS_MORE)))


@signal(
    unit="flag",
    source="AlpacaDataCleaned tool_inputcheck.py",
    severity="medium",
    reduce="any",
    locate=first_match(INPUT_MARKER),
)
def input_marker(contexts: Texts) -> pl.Series:
    """Whether the separate input field says that there is no input: "noinput", "N/A", "none".

    Null for a row without such a field. A model trained on it learns to expect the marker; the row is
    good once the field is emptied. The words of English, German, French, Spanish
    and Chinese are known, no others.

    False positives: an input that is the word itself, such as "null" given to a question about types.
    """
    return contexts.text.str.contains(INPUT_MARKER)


@signal(
    unit="flag",
    source="Stanford Alpaca's data",
    severity="high",
    reduce="any",
    locate=first_match(RESPONSE_MARKER),
)
def response_marker(responses: Texts) -> pl.Series:
    """Whether an answer holds a generator's marker for nothing, "<nooutput>" or "<noinput>"; null without one.

    The bracketed markers count anywhere in the answer, bare words ("nooutput") only as the whole of it. The words of
    English, German, French, Spanish and Chinese are known ("<keine Ausgabe>"), no others.

    False positives: a question about the marker itself.
    """
    bracketed = responses.matches(_BRACKETED, hint=_MARKER_HINT)
    return bracketed | responses.text.str.contains(_WHOLE)


@signal(
    unit="flag",
    source="Stanford Alpaca's data",
    severity="medium",
    reduce="any",
    locate=first_match(MISSING_ANSWER),
)
def missing_answer(responses: Texts) -> pl.Series:
    """Whether an answer is only a word that may stand for no answer: "N/A", "None", "No output", "...".

    Null for a row without an answer. Weaker than `response_marker`: these can be right. The words of English, German,
    French, Spanish and Chinese are known ("keine Antwort", "无"), no others.

    False positives: "None" as the answer to "Which of these are prime?", "No output" for what a program
    prints, "null" for the value of a variable.
    """
    return responses.text.str.contains(MISSING_ANSWER)


def _opened_by_a_system(turns: pl.DataFrame) -> pl.DataFrame:
    """The first user turn of each conversation that a system turn with text opens."""
    spoken = turns.filter(pl.col("side").is_null())
    told = spoken.filter(pl.col("role").is_in(["system", "developer"]) & pl.col("text").str.contains(_VISIBLE))
    if told.is_empty():
        return told
    return spoken.filter(pl.col("role") == "user").unique("row", keep="first").join(told, on="row", how="semi")
