"""Answers that talk about being an answer: what a generator said around the text that was wanted."""

from __future__ import annotations

from typing import Final

import polars as pl

from tamis import tasks
from tamis.inputs import FIVE_LANGUAGES, Texts
from tamis.patterns import quick
from tamis.registry import first_match, signal

_NEW: Final = (
    r"(?:rewritten|revised|re-?phrased|generated|improved|evolved|modified|updated|synthesi[sz]ed|corrected|new)"
)
_TURN: Final = r"(?:instruction|prompt|response|answer|output|completion|reply)s?"
_OPENING: Final = (
    rf"^[\s*\"'#]*(?:(?:sure|certainly|of course|okay|ok|absolutely)[,!. ]+)?here(?: is|['’]s| are) (?:the|an?|your"
    rf"|my) "
    rf"(?:\w+ )?{_NEW} (?:\w+ )?{_TURN}\b"
    r"|^\W*as (?:you )?requested,? (?:i have|i['’]ve|here (?:is|are)) (?:generated|written|created|rewritten|provided) "
    r"|^\W*hier ist (?:die|deine|ihre) (?:überarbeitete|umgeschriebene|generierte|verbesserte|neue) (?:antwort"
    r"|anweisung|aufgabe)"
    r"|^\W*voici (?:la|une|votre) (?:nouvelle )?(?:réponse|instruction|consigne) (?:réécrite|révisée|générée"
    r"|améliorée|modifiée)"
    r"|^\W*aquí (?:está|tienes|tiene) (?:la|una|tu|su) (?:nueva )?(?:respuesta|instrucción) (?:reescrita|revisada"
    r"|generada"
    r"|mejorada)|^\W*(?:好的|当然|當然)?[，,！!]?(?:这是|以下是|這是)"
    r"(?:改写|重写|修改|生成|优化|改进|改進)后?的(?:指令|回答|回复|答案|提示)"
)
_ASIDE: Final = (
    rf"(?m:^[ \t*_]*#{{1,6}} ?(?:rewritten|revised|improved|evolved|generated|created|given) {_TURN} ?#*:?[*_ \t]*$)"
    rf"|(?m:^[ \t*_]*[\[(<]\s?end of (?:the )?(?:{_NEW} )?(?:{_TURN}|generation|example)\s?[\])>][*_ \t]*$)"
    rf"|(?m:^[ \t*_(\[]*note: (?:the |this |your )(?:above )?{_TURN} (?:should|must|is (?:just |only )?(?:generated"
    rf"|written)))"
    rf"|[(\[](?:this|the above) {_TURN} (?:was|is) (?:generated|written) by (?:an? )?(?:ai|chat ?gpt|gpt"
    rf"|language model)\b"
)
META_TALK: Final = f"(?i){_OPENING}|{_ASIDE}"
_ASIDE_HINT: Final = (
    "# Rew|#Rew|# Rev|#Rev|# Imp|#Imp|# Evo|#Evo|# Gen|#Gen|# Crea|#Crea|# Giv|#Giv|End of |END OF "
    "|ote: The|ote: the|ote: This|ote: this|ote: Your|NOTE: T|ritten by|enerated by"
)
_ASKED_FOR: Final = quick(
    r"(?i)\b(?:instructions?|prompts?|responses?|answers?|outputs?|repl(?:y|ies)|antwort|aufgabe|anweisung|réponse"
    r"|consigne|respuesta"
    r"|instrucci[oó]n)\b|指令|回答|回复|答案|提示"
)
OPENER: Final = (
    r"(?i)^\W*(?:sure|certainly|of course|absolutely|great question|gerne|natürlich|bien sûr|certainement"
    r"|por supuesto|claro|当然)"
    r"\b[^\n]{0,120}"
)
CLOSER: Final = (
    r"(?i)(?:i hope (?:this|that|it|these) (?:\w+ )?(?:helps?|meets|answers)|(?:please )?let me know if you"
    r"|feel free to (?:ask|reach)"
    r"|ich hoffe,? (?:das|dies) hilft|j['’]espère que cela|espero que (?:esto|te|le)"
    r"|希望(?:这|這|以上|对|對))[^\n]{0,160}\s*$"
)
_LAST: Final = 240  # characters in which the closing sentence is looked for


@signal(
    unit="flag",
    source="castwright and modelbrew-cleaner; Evol-Instruct's prompts",
    severity="medium",
    reduce="any",
    locate=first_match(META_TALK),
    language=FIVE_LANGUAGES,
)
def meta_talk(responses: Texts, questions: Texts) -> pl.Series:
    """Whether an answer speaks of itself as generated text ("Here is the rewritten prompt:"); null if not read.

    Openers such as "Here is the revised response", headings such as "### Rewritten Prompt", "[End of response]",
    "Note: the output should ...". A plain "Sure, here is ..." does not count (`boilerplate_sentences` counts it), nor
    does anything where the question speaks of an instruction, prompt, response, answer or output itself, or of editing.

    False positives: text about prompts that nobody asked for in those words.

    >>> pl.Series(["Here is the rewritten prompt: go", "Here is the recipe:"]).str.contains(META_TALK).to_list()
    [True, False]
    """
    opens = responses.text.str.contains(f"(?i){_OPENING}")
    talks = opens | responses.matches(f"(?i){_ASIDE}", hint=_ASIDE_HINT)
    return responses.if_spoken(responses.unasked(talks, questions, rf"{_ASKED_FOR}|{tasks.EDITING}"))


@signal(unit="count", source="own", reduce="sum", language=FIVE_LANGUAGES, on_request=True)
def boilerplate_sentences(responses: Texts) -> pl.Series:
    """Polite opening and closing sentences of an answer, 0 to 2: "Sure, ...", "I hope this helps!"; null if not read.

    A number without a rule, for a histogram: politeness is no fault, but where most answers have it a model
    will learn it.

    False positives: "Sure" and "Let me know" in a letter or dialogue that was asked for.
    """
    ends = responses.text.str.contains(OPENER).cast(pl.Int64) + responses.text.str.tail(_LAST).str.contains(
        CLOSER
    ).cast(pl.Int64)
    return responses.if_spoken(ends)
