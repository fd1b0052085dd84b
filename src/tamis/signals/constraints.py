"""Requirements that a prompt states plainly and that can be counted in the answer, after IFEval."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import signal

_WORDS: Final = {
    word: number
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
} | {"fifteen": 15, "twenty": 20}
_N: Final = rf"(\d{{1,5}}|{'|'.join(_WORDS)})"
_FEWEST: Final = r"at least|not less than|no less than|no fewer than|a minimum of|minimum of|minimum"
_MOST: Final = r"at most|no more than|not more than|not exceed(?:ing)?|a maximum of|maximum of|up to|within|maximum"
_RELATION: Final = rf"({_FEWEST}|{_MOST}|more than|over|less than|fewer than|under|below|exactly|in only|using only)"
_BOUND: Final = (
    rf"(?i)\b{_RELATION} {_N}(?: \w+)? UNIT\b|\b{_N}(?:\+ | or more )UNIT|\b{_N} UNIT or (more|less|fewer)\b"
)
_PART: Final = (
    r"(?i)\b(?:each|every|per|title|headline|heading|first|second|third|last|intro\w*|paragraphs? (?:of|with)"
    r"|if|original"
    r"|previous|subject)\b|\b(?:about|around|approximately|roughly) $"
)
_QUOTED: Final = r"[\"“]([^\"“”\n]{1,80})[\"”]|(?<!\w)['‘]([^'‘’\n]{1,60})['’](?!\w)"
_WHOLE: Final = r"(?:(?:your|the|an?) )?(?:entire |whole |full |final )?(?:response|answer|reply|output|message)"

_NO_COMMA: Final = (
    r"(?i)\b(?:no|without(?: the use of| using)?|not (?:use|contain|include|have|to use)|don['’]t use"
    r"|avoid(?: using| the use of)?"
    r"|refrain from(?: the use of| using)?|not allowed to use|should not (?:use|contain|include)"
    r"|free of)(?: any| the use of)? commas?\b"
)
_LOWER: Final = (
    r"(?i)\b(?:all|only|entirely|in)(?: in| the| english)? ?(?:lower ?case|lowercased|small letters)\b"
    r"|\bno capital(?:ized)? letters"
    r"|without (?:using )?(?:any )?capital letters|not (?:contain|use|include) (?:any )?capital letters"
    r"|all letters lower ?cased"
)
_UPPER: Final = (
    r"(?i)\b(?:in|using|use|only use|entirely in|be)(?: english,?(?: and)?)?(?: in)? (?:all|only"
    r"|entirely) (?:capital letters|caps|capitals"
    r"|upper ?case(?: letters)?)\b|\bno lower ?case letters|capitalize (?:all your words|every letter)"
    r"|only (?:use )?capital letters"
)
_CAPITALS: Final = r"(?i)^[^.\n]{0,30}\b(?:capital|caps|upper)"
_SOME_WORDS: Final = (
    r"(?i)words? (?:or phrases? )?(?:with|in|that|of|which)|keyword|some words|capitalized words"
    r"|all[- ]caps words|\btitle"
)
_JSON: Final = (
    r"(?i)\b(?:entire|whole|only|wrap|wrapped|must be|should be)\b[^.\n]{0,60}\bJSON\b|\bJSON (?:only"
    r"|format)\b[^.\n]{0,20}\bonly\b"
    r"|\b(?:output|respond|reply|answer) (?:only )?(?:in|with) (?:valid )?_JSON\b"
)
_IN_QUOTES: Final = (
    r"(?i)\b(?:wrap|wrapped|enclose|put|surround|inside)\b[^.\n]{0,60}\bdouble quot(?:es|ation marks?|ations marks?)"
    r"|\bdouble quotations? marks? around (?:your|the) (?:entire|whole)|\b(?:answer|response|reply"
    r"|everything) in double quot"
)
_TITLE: Final = r"(?i)double angular brackets|<<title>>|<<[a-z ]+>>"
_POSTSCRIPT: Final = r"(?i)\bpost ?script\b[^.\n]{0,60}\bP\.(?:P\.)?S|add a P\.S\."
_PLACEHOLDERS: Final = rf"(?i)\bat least {_N} placeholders"
_TWO: Final = r"(?i)\b(?:two|2)\b[^\n]*(?:\n[^\n]*)?\*{6}"
_KEYWORDS: Final = (
    r"(?i)\b(?:includ(?:e|es|ing)|contain(?:s|ing)?|use|mention"
    r"|has)(?: the)?(?: following)?(?: key)?[ -]?(?:words?|phrases?):? "
)
_FORBIDDEN: Final = (
    r"(?i)(?:\b(?:not|never|without|avoid|exclude)"
    r"|n['’]t)\b(?: \w+){0,3}?(?: the)?(?: following)?(?: any of the)?(?: key)?[ -]?(?:words?|phrases?):? "
)
_ABSENT: Final = rf"(?i)\bwords? (?:{_QUOTED}) (?:should|must|can|does)(?: not|n['’]t) (?:appear|be (?:used|included))"
_ENDING: Final = (
    r"(?i)\b(?:end|ends|finish|conclude)\b(?: of your response[^.\"“\n]{0,20}| (?:your|the|it|with"
    r"|by)\b[^.,\"“\n]{0,50}?)?"
    r"\bwith\b[^.\"“\n]{0,50}[\"“]([^\"”\n]{2,120})[\"”]"
    r"|\b(?:last|final) (?:sentence|words?|line)\b[^.\"“\n]{0,40}\b(?:is|be"
    r"|reads?)\b[^.\"“\n]{0,20}[\"“]([^\"”\n]{2,120})[\"”]"
)
_OPENING: Final = (
    r"(?i)\b(?:start|begin)\b (?:your|the) (?:entire |whole )?(?:response|answer|reply"
    r"|output)\b[^.\"“\n]{0,40}\bwith\b[^.\"“\n]{0,40}"
    r"[\"“]([^\"”\n]{2,120})[\"”]"
)
_HIGHLIGHTS: Final = rf"(?i)\b(?:highlight|italicize)\b[^.\n]{{0,20}} at least {_N}\b"
_BULLETS: Final = rf"(?i)\b(?:exactly|in|only|contain) {_N}(?: \w+){{0,2}} bullet(?:ed)?(?: points?)?\b"
_ITEMS: Final = (
    rf"(?i)^\s*(?:please |can you )?(?:list|name|give(?: me)?|provide(?: me(?: with)?)?|suggest|generate"
    rf"|come up with|create|write|tell me)"
    rf"(?: (?:a list of|the))?(?: top)? {_N} (?!more\b|words?\b|[a-z]*-|times\b|paragraphs?\b|sentences?\b"
    rf"|pages?\b|lines?\b)(?:[a-z'-]+ ){{0,2}}?[a-z]+s\b"
)
_LITERALS: Final = [
    "json", "comma", "capital", "caps", "lower case", "lowercase", "upper case", "uppercase", "angular", "<<", "p.s.",
    "postscript", "post script", "placeholder", "******", "keyword", "word", "phrase", "highlight", "italicize",
    "bullet", "sentence", "paragraph", "double quot", '"', "“",
]  # fmt: skip
_LISTING: Final = (
    r"^\s*(?:please |can you )?(?:list|name|give|provide|suggest|generate|come up with|create|write|tell)"
    r"(?: me)?(?: with)?(?: a list of| the)?(?: top)? (?:\d+|two|three|four|five|six|seven|eight|nine|ten"
    r"|twelve|twenty)\b"
)
_HINT: Final = (
    r"(?i)\bJSON\b|\bcommas?\b|lower ?case|capital|upper ?case|\bcaps\b|double quot|angular|<<|post ?script|\bP\.S\."
    r"|placeholder|\*{6}|keyword|\bwords? [\"“'‘]|\bphrase|\bwith[^\n]*[\"“]|\b(?:is|be|reads?) [\"“]"
    r"|highlight|italicize|bullet"
    r"|\b(?:at least|at most|less than|fewer than|more than|under|over|exactly|only|minimum|maximum|up to"
    r"|within|below"
    r"|exceed(?:ing)?) (?:of )?[\w,]+(?: \w+)? (?:words?|sentences?|paragraphs?)\b|\d\+ words?|\bor (?:more"
    r"|less|fewer)\b"
    rf"|{_LISTING}"
).replace(r"\b", r"(?-u:\b)")  # boundaries of ASCII words: 10 times faster on texts with other letters or curly quotes
_LONGEST: Final = 2000
_OTHER_TASK: Final = (
    r"(?i)\bpython|javascript|\bjava\b|c\+\+|\bdef |\bfunctions?\b|\bregex|\bsql\b|\b(?:a|the) program\b|```"
    r"|(?m:^\s*(?:input|output|context|definition|instructions?|q|a|answer|solution|problem|question"
    r"|options?)\b[^\n]{0,12}:)|\btranslat"
)
_MANY: Final = r"(?i)\b(?!(?:uses|has|is|this|words|always|necess)\b)\w{3,}s (?:of |with |in |each )?$"

Check = Callable[[str], bool]
Constraint = tuple[str, Check]


@signal(
    unit="count", source="IFEval (Zhou et al. 2023); SmolTalk filter_ifeval_data.py", severity="medium", reduce="sum"
)
def unmet_constraints(responses: Texts, questions: Texts) -> pl.Series:
    """Requirements the question states and the answer does not meet; null for a row without an answer.

    Read are bounds on words, sentences, paragraphs and bullet points ("at least 300 words", not "about 300"), JSON
    alone, no commas, all lower case or capitals, words that must or must not occur, a fixed opening or ending, double
    quotes around all, a title in <<>>, a postscript, placeholders, highlights, and two answers split by ******.
    What may be counted in two ways is unmet only if it is in both. English.

    False positives: a requirement that holds for a part of the answer, or for something else than the answer.
    """
    asked = questions.text.is_in(_hinted(questions.text.unique()).implode()) & (responses.stripped.str.len_bytes() > 0)
    places = asked.arg_true()
    counts = pl.zeros(len(responses), pl.Int64, eager=True)
    stated: dict[str, list[Constraint]] = {}
    for place, question in zip(places, questions.text.gather(places), strict=True):
        if question not in stated:
            stated[question] = list(constraints(question))
        if stated[question]:
            answer = responses.text[place]
            counts[place] = sum(not check(answer) for _, check in stated[question])
    return counts


def _hinted(questions: pl.Series) -> pl.Series:
    """The questions that may state a requirement; each part of the costly hint needs a literal, or stands in front."""
    short = questions.filter(questions.str.len_bytes() <= _LONGEST)
    literal = short.str.contains_any(_LITERALS, ascii_case_insensitive=True)
    worth = short.filter(literal | short.str.contains(f"(?i){_LISTING}"))
    return worth.filter(worth.str.contains(_HINT))


def unmet(question: str, answer: str) -> list[str]:
    """The kinds of requirement that a question states and its answer does not meet.

    >>> unmet("Write at least 5 words and do not use any commas.", "Well, no.")
    ['words', 'no_comma']
    """
    return [kind for kind, check in constraints(question) if not check(answer)]


def constraints(question: str) -> Iterator[Constraint]:
    """Each requirement that a question states, as its kind and how to tell whether an answer meets it."""
    if len(question) > _LONGEST or re.search(_OTHER_TASK, question):
        return
    yield from _bounds(question)
    low = question.lower()
    for kind, literal, pattern, check in _PLAIN:
        if literal in low and re.search(pattern, question):
            yield kind, check
    cased = any(word in low for word in ("case", "cap", "small"))
    if cased and re.search(_LOWER, question):
        yield "lower_case", lambda answer: not re.search(r"[A-Z]", answer)
    found = re.search(_UPPER, question) if cased else None
    if found and not re.search(_SOME_WORDS, question[max(0, found.start() - 40) : found.end() + 20]):
        yield "upper_case", lambda answer: not re.search(r"[a-z]", answer)
    yield from _phrases(question)


_PLAIN: Final[tuple[tuple[str, str, str, Check], ...]] = (  # the kind, a literal of its pattern, the pattern
    ("no_comma", "comma", _NO_COMMA, lambda answer: "," not in answer),
    ("json", "json", _JSON, lambda answer: _is_json(answer)),
    ("double_quotes", "quot", _IN_QUOTES, lambda answer: bool(re.fullmatch(r"(?s)\s*[\"“].*[\"”]\s*", answer))),
    ("title", "", _TITLE, lambda answer: bool(re.search(r"<<[^\n]+>>", answer))),
    ("postscript", "p.", _POSTSCRIPT, lambda answer: bool(re.search(r"(?i)p\. ?(?:p\. ?)?s\b", answer))),
    ("two_answers", "******", _TWO, lambda answer: len([part for part in answer.split("******") if part.strip()]) == 2),
)


def _bounds(question: str) -> Iterator[Constraint]:
    low = question.lower()
    for unit in (unit for unit in ("word", "sentence", "paragraph") if unit in low):
        for found in re.finditer(_BOUND.replace("UNIT", f"{unit}s?"), question):
            start = max(question.rfind(mark, 0, found.start()) for mark in ".!?\n") + 1
            after = question[found.end() : found.end() + 40]
            before = question[start : found.start()]
            if not re.search(f"{_PART}|{_MANY}".replace("(?i)", ""), before, re.IGNORECASE) and not re.search(
                _CAPITALS, after
            ):
                yield f"{unit}s", _within(_COUNTS[f"{unit}s"], *_range(found))
    for kind, pattern in (("placeholders", _PLACEHOLDERS), ("highlights", _HIGHLIGHTS)):
        if "at least" in low and (least := re.search(pattern, question)):
            yield kind, _within(_COUNTS[kind], _number(least[1]), None)
    if (items := re.search(_ITEMS, question)) and _number(items[1]) > 1:
        yield "items", _has_items(_number(items[1]))
    if "bullet" in low and (bullets := re.search(_BULLETS, question)):
        yield "bullets", _within(_COUNTS["bullets"], _number(bullets[1]), _number(bullets[1]))


def _range(found: re.Match[str]) -> tuple[int | None, int | None]:
    """The least and the greatest number that a stated bound allows."""
    relation, number = (found[1] or "").lower(), _number(found[2] or found[3] or found[4])
    if not relation:
        return (None, number) if (found[5] or "more").lower() != "more" else (number, None)
    if re.fullmatch(_FEWEST, relation):
        return number, None
    if relation in ("more than", "over"):
        return number + 1, None
    if relation in ("exactly", "in only", "using only"):
        return number, number
    return None, number  # "less than 50" is read as "at most 50": people mean either


def _number(text: str) -> int:
    return _WORDS[text.lower()] if text.isalpha() else int(text)


def _within(counts: Callable[[str], tuple[int, ...]], least: int | None, most: int | None) -> Check:
    """Whether one of the ways of counting gives a number between two bounds, or they lie around them."""

    def check(answer: str) -> bool:
        counted = counts(answer)
        return (least is None or max(counted) >= least) and (most is None or min(counted) <= most)

    return check


def _words(answer: str) -> tuple[int, ...]:
    return len(re.findall(r"\w+", answer)), len(answer.split())


def _sentences(answer: str) -> tuple[int, ...]:
    """The number of sentences, counted so as to find few and so as to find many."""
    plain = re.sub(r"\b(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|No|[A-Z])\.(?=\s)", "", answer)
    ends = re.findall(r"[.!?。！？][\"”’)*]*(?=\s+[\"“‘(*]*[A-Z0-9]|\s*$)", plain)
    lines = [line for line in answer.splitlines() if line.strip()]
    return len(ends), len(re.findall(r"[.!?。！？:;]+", answer)) + len(lines)


def _paragraphs(answer: str) -> tuple[int, ...]:
    blocks = [part for part in re.split(r"\n\s*\n", answer) if part.strip() and part.strip("* \n")]
    starred = [part for part in re.split(r"\s?\*\*\*\s?", answer) if part.strip()]
    lines = [line for line in answer.splitlines() if line.strip()]
    return min(len(starred), len(blocks)), len(blocks), len(starred), len(lines)


def _has_items(number: int) -> Check:
    """Whether an answer has that many items; what is no single list numbered from 1 is not judged."""

    def check(answer: str) -> bool:
        numbers = [int(found) for found in re.findall(r"(?m)^(\d{1,3})[.)] ", answer)]
        return numbers != list(range(1, len(numbers) + 1)) or len(numbers) in (0, 1, number)

    return check


def _bullets(answer: str) -> tuple[int, ...]:
    return len(re.findall(r"(?m)^\s*(?:[*•-]|\d+[.)])\s", answer)), len(re.findall(r"(?m)^(?:[*•-]|\d+[.)])\s", answer))


_COUNTS: Final[dict[str, Callable[[str], tuple[int, ...]]]] = {
    "words": _words,
    "sentences": _sentences,
    "paragraphs": _paragraphs,
    "bullets": _bullets,
    "placeholders": lambda answer: (len(re.findall(r"\[[^\]\n]*\]", answer)),),
    "highlights": lambda answer: (len(re.findall(r"\*[^\n*]+\*|_[^\n_]+_", answer)),),
}


def _phrases(question: str) -> Iterator[Constraint]:
    low = question.lower()
    if "word" in low or "phrase" in low:
        yield from _words_named(question)
    if '"' not in question and "“" not in question:
        return
    if ending := re.search(_ENDING, question):
        end = _plain(ending[1] or ending[2])
        yield "ending", lambda answer: _plain(answer).endswith(end)
    if start := re.search(_OPENING, question):
        opening = _plain(start[1])
        yield "opening", lambda answer: _plain(answer).startswith(opening)


def _words_named(question: str) -> Iterator[Constraint]:
    """Words and phrases that must not occur, and those that must."""
    forbidden = [found.end() for found in re.finditer(_FORBIDDEN, question)]
    for place in forbidden:
        for word in _listed(question, place):
            yield "forbidden_words", lambda answer, word=word: not _has(answer, word)  # type: ignore[misc]
    for found in re.finditer(_ABSENT, question):
        word = found[1] or found[2]
        yield "forbidden_words", lambda answer, word=word: not _has(answer, word)  # type: ignore[misc]
    for found in re.finditer(_KEYWORDS, question):
        if found.end() not in forbidden:
            for word in _listed(question, found.end()):
                yield "keywords", lambda answer, word=word: word.lower() in answer.lower()  # type: ignore[misc]


def _listed(question: str, place: int) -> Iterator[str]:
    """The words that stand one after another from a place on: in quotation marks, or after a colon in a row."""
    plain = re.compile(r"((?:[A-Za-z]+, ?)+(?:(?:and|or) )?[A-Za-z]+)(?=[.\n]|$)").match(question, place)
    if plain and question[place - 2] == ":":
        yield from (re.sub(r"^(?:and|or) ", "", word) for word in re.split(r", ?", plain[1]))
        return
    quoted = re.compile(rf"\[?(?:{_QUOTED})(?:,? (?:and|or|nor) |, ?|\s)?")
    while found := quoted.match(question, place):
        yield (found[1] or found[2]).strip().rstrip(",.")
        place = found.end()


def _has(answer: str, word: str) -> bool:
    return re.search(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", answer) is not None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def _is_json(answer: str) -> bool:
    bare = re.sub(r"(?i)^\s*```(?:json)?|```\s*$", "", answer.strip()).strip()
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        return False
    return True
