"""Answers that give away the instructions of the system turn."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tamis import kernels
from tamis.inputs import Texts
from tamis.packed import Packed
from tamis.registry import signal

_GRAM: Final = 8
# Sentences that tell the model what it is and does; a policy or a menu, which answers must use, has none of these.
INSTRUCTING: Final = (
    r"(?i)[^.!?\n]*\b(?:you are (?:an?|the|now|going|designed)|you(?: must| should| will be given| have to| need to"
    r"| are to)"
    r"|your (?:task|role|job|goal|purpose|instructions|answers?|responses?|system prompt|knowledge cut-?off)"
    r"|(?:never|do not|don['’]t) (?:reveal|disclose|mention|share|tell|answer|discuss|respond)|the (?:user|assistant)"
    r"|du bist ein|sie sind ein|deine aufgabe|ihre aufgabe|vous êtes une?|tu es une?|votre (?:tâche|rôle)"
    r"|eres una?|usted es una?|tu tarea|su tarea)\b[^.!?\n]*"
)
ASKS_FOR_IT: Final = (
    r"(?i)\b(?:instructions?|prompts?|system message|guidelines|rules|verbatim|repeat|quote|above|told|who are you"
    r"|what are you"
    r"|introduce yourself|about yourself|role|wer bist du|qui es-tu|qui êtes-vous|quién eres|anweisung\w*"
    r"|instrucciones|consignes)\b"
)


@signal(unit="flag", source="own", severity="medium", reduce="any")
def system_leak(responses: Texts, questions: Texts, systems: Texts) -> pl.Series:
    """Whether an answer repeats eight words in a row of what the system turn instructs; null without instructions.

    Only sentences that tell the model what it is and does count ("You are ...", "Your task ...", "Never reveal ..."),
    in English, German, French or Spanish: a policy, a price list or a document in the system turn is there to be
    quoted. Not counted where the question asks for the instructions or who is speaking, or has the words itself.

    False positives: a persona described in eight words that the answer rightly uses of itself.
    """
    leaks = pl.repeat(None, len(responses), dtype=pl.Boolean, eager=True)
    if not len(systems):
        return leaks
    told = _instructions(systems)
    frame = pl.DataFrame({"row": responses.row}).join(told, on="row", how="left", maintain_order="left")
    given = frame["told"].is_not_null().arg_true()
    if given.is_empty():
        return leaks
    instructions = Packed.of(frame["told"].gather(given))
    held = [_share_held(instructions, side.text.gather(given)) for side in (responses, questions)]
    asked = questions.text.gather(given).str.contains(ASKS_FOR_IT).to_numpy()
    return leaks.scatter(given, pl.Series((held[0] > 0) & (held[1] == 0) & ~asked))


def _instructions(systems: Texts) -> pl.DataFrame:
    """The instructing sentences of each row's system turns, where they have eight words or more."""
    found = pl.DataFrame({"row": systems.row, "told": systems.text.str.extract_all(INSTRUCTING).list.join("\n")})
    joined = found.group_by("row", maintain_order=True).agg(pl.col("told").str.join("\n"))
    return joined.filter(pl.col("told").str.count_matches(r"\w+") >= _GRAM)


def _share_held(instructions: Packed, text: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    packed = Packed.of(text)
    return np.nan_to_num(
        kernels.overlap.ngram_containment(instructions.offsets, instructions.data, packed.offsets, packed.data, _GRAM)
    )
