"""Answers that decline, and answers that speak of themselves as a program."""

from __future__ import annotations

from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import first_match, signal

_SORRY: Final = (
    r"(?:(?:oh|well|hello|hi|hey|no|ah)[,.! ]+)?"
    r"(?:i(?:['’]m| am)(?: (?:so|very|truly|really|deeply|terribly))? sorry|sorry|apologies|my apologies"
    r"|i (?:sincerely |deeply |do )?apologi[sz]e|unfortunately|regrettably|thank you"
    r"|i (?:completely |fully )?understand|i appreciate"
    r"|as an? (?:\w+[ -]){0,4}?(?:ai|artificial intelligence|language model|assistant|chatbot|bot)"
    r"|i(?:['’]m| am) (?:just |only )?an? (?:\w+[ -]){0,4}?(?:ai|language model|assistant|chatbot|bot))"
    r"\b[^!?\n]{0,160}?\b(?:i|and)"
)
_UNABLE: Final = (
    r"(?: cannot| can['’]t| can not| won['’]t| will not| am unable to| am not able to"
    r"|['’]m unable to|['’]m not able to)"
)
_ADVERB: Final = (
    r"(?: (?:in good conscience|ethically|legally|really|directly|currently|actually|simply|just|also),?){0,2}"
)
_VERB: Final = (
    r" (?:assist|help (?:you|with)|provide|fulfil|comply|answer|create|generate|compose|produce|offer|share"
    r"|discuss|respond|engage|participate|support|condone|promote|recommend|advise|browse|access|satisfy"
    r"|complete (?:this|that|your)|do (?:that|this)|write|give (?:you|advice|out|any|medical|legal|financial)"
    r"|make (?:jokes|fun|this|that)|tell (?:you|jokes)|perform|accommodate|facilitate"
    r"|encourage|endorse|grant|speculate)"
)
_NOT_WILLING: Final = (
    r"(?: do not| don['’]t)(?: currently| actually| really)? (?:have (?:the (?:ability|capability|capacity)|access to)"
    r"|feel comfortable|condone)"
    r"|i?(?: am|['’]m) not (?:comfortable|programmed|designed|allowed|permitted|capable|authori[sz]ed)"
    r"|(?: must| have to| will have to|['’]ll have to| need to)(?: respectfully| politely)? (?:decline|refuse)"
)
REFUSAL: Final = (
    rf"(?i)^[\s\"'“*]*(?:{_SORRY}(?:{_UNABLE}\b{_ADVERB}(?:{_VERB}\b| \w+)|{_NOT_WILLING})"
    rf"|i(?:{_UNABLE}{_ADVERB}{_VERB}|{_NOT_WILLING})"
    r"|it(?:['’]s| is| would be) (?:not appropriate|inappropriate|unethical|not ethical)[^.!?\n]{0,60} (?:for me )?to )"
)
"""The opening of an answer that declines; searched in the first characters only."""

AI_SELF_REFERENCE: Final = (
    r"(?i)\b(?:as|i am|i['’]m|being)(?: just| only| merely| simply)? an? (?:\w+[ -]){0,4}?"
    r"(?:ai|artificial intelligence|language model)\b"
)
_NAMES_A_MODEL: Final = r"A\.?I\b|[Aa]rtificial [Ii]ntelligence|[Ll]anguage [Mm]odel|\bai\b"


@signal(
    unit="flag",
    source="modelbrew-cleaner's and open-instruct's lists; checked on XSTest (Röttger et al. 2024)",
    reduce="any",
    locate=first_match(REFUSAL),
    language="English",
)
def refusal(responses: Texts) -> pl.Series:
    """Whether an answer opens by declining, in whole or in part; null where it is not English.

    Only the opening counts: an apology or an "as an AI" followed, within 160 characters of the same or the
    next sentence, by an "I cannot"; or an "I cannot" with a verb of helping. A refused toxic request is good
    data, so no recipe drops a row for it.

    False positives: a hedge before a full answer ("As an AI I don't have access to ..., but"), a fictional
    character who declines.

    >>> replies = pl.Series(["I'm sorry, but I can't help with that.", "I'm sorry for your loss."])
    >>> replies.str.contains(REFUSAL).to_list()
    [True, False]
    """
    return responses.if_english(responses.text.str.contains(REFUSAL))


@signal(
    unit="flag",
    source="FastChat; WizardLM issue 4; Vicuna cleaners",
    reduce="any",
    locate=first_match(AI_SELF_REFERENCE),
    language="English",
)
def ai_self_reference(responses: Texts) -> pl.Series:
    """Whether an answer calls its author an AI or a language model; null where it is not English.

    "As an AI language model", "I'm an AI assistant", anywhere in the answer. Apart from `refusal`: many go
    on to answer.

    False positives: the part of a robot in a story, a person who works "as an AI engineer".
    """
    return responses.if_english(responses.matches(AI_SELF_REFERENCE, hint=_NAMES_A_MODEL))
