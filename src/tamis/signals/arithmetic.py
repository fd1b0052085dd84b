"""Arithmetic that an answer states and that does not hold: read by a small grammar, never evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import Span, signal
from tamis.sums import Interval, Token, possible_values, printed_number, read_tokens

_HINT: Final = r"[\d)%}a-z°²³*$] ?(?:=|≈|\\approx) ?\\?[-$€£(−<*]?\\?[$<]?\d|% of \$?\d[\d,.]* (?:is|equals) "
_STATED: Final = re.compile(r"(?:=|≈|\\approx) *(?:\\?[$€£(<*-]|−)*\.?[0-9]|% of ")
_JOINED: Final = re.compile(r"[0-9)%}²³⁴\w] ?(?:[-+*/xX×÷·⋅∙−–^(]|\\times|\\cdot|\\div|\\\*|of)|[²³⁴]")
_FENCED: Final = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_ANNOTATION: Final = re.compile(r"<<([^<>\n]{3,120})>>")
_DOUBTED: Final = re.compile(
    r"(?i)\b(?:not|never|isn['’]t|incorrect|wrong|false|mistake\w*|error|contradict\w*|impossible|mod|modulo|base|binary"
    r"|hex\w*|octal|remainder|bits?|if|suppose|assum\w+|guess|let['’]?s? (?:say|try)|would|≠)|≠|\\neq|\\pmod|≡"
)
_OTHER_SUMS: Final = (
    r"(?i)\b(?:mistakes?|errors?|incorrect|wrong|false|correct (?:the|this|my)|base[- ]?(?:\d+|two)"
    r"|binary|hexadecimal|octal|modul\w+|mod \d|jokes?|riddles?|matchsticks?|redefine\w*|swap\w*"
    r"|fehler|falsch|erreurs?|faux|errores|incorrecto)\b|错误|笑话|二进制"
)
_FUNCTIONS: Final = re.compile(
    r"pi|and|of|root|sqrt|log|ln|sin|cos|tan|mod|modulo|max|min|sum|gcd|lcm|abs|floor|ceil|exp|lim|square|cube"
    r"|squared|cubed|than|over|to|plus|minus|times|by|divided|multiplied|per|choose|from|between|frac|prod|int"
    r"|half|step|day|days|week|month|year|problem|question|example|row|level|part|phase|case|round"
)
_PROSE: Final = re.compile(
    r"is|are|was|were|be|so|and|or|then|which|that|there|because|since|as|in|on|at|for|we|he|she|it|they|you|i"
    r"|a|an|the|this|these|with|when|where|if|but|have|has|had|gives|equals|also|now|after|before|all|do|did"
    r"|does|will|can"
)
_SCALES: Final = re.compile(
    r"hundred|thousand|million|billion|trillion|k|m|b|bn|mn|lakh|crore|dozen|cents|cent|¢|percent|percentage"
    r"|points|pence|less|more|fewer|times|plus|minus|remainder|r|with|rem|mod|e|point|squared|cubed|and"
)
_LAYOUT: Final = frozenset({r"\quad", r"\qquad", r"\implies", r"\Rightarrow", r"\rightarrow", r"\to", r"\(", r"\["})


@signal(
    unit="count",
    source="own; 'wrong answers' of AlpacaDataCleaned",
    severity="medium",
    reduce="sum",
    locate=lambda text: next(iter(wrong_statements(text)), None),
)
def wrong_arithmetic(responses: Texts, questions: Texts) -> pl.Series:
    """Arithmetic statements in an answer that do not hold, such as "12 - 2 + 5 = 19"; null without an answer.

    Read are sums, products, powers and percentages of plain numbers, with currency, units and LaTeX, and the
    notes `<<48/2=24>>` of GSM8K. A statement holds where it does at the printed number of decimals, rounded or
    cut, and a decimal may itself have been rounded. Variables, other bases, mixed units, ranges ("90-100 = A"),
    fenced code and lines that doubt what they say are left alone, and so are questions about mistakes.

    False positives: numbers joined by a dash that is no minus; rounding that the answer does not mark.
    """
    hinted = responses.matches(_HINT, hint=r"=|≈|\\approx|% of")
    counts = responses.judged(hinted, lambda text: sum(1 for _ in wrong_statements(text)))
    return responses.unasked(counts, questions, _OTHER_SUMS)


def wrong_statements(text: str) -> Iterator[Span]:
    """The spans of the statements that do not hold.

    >>> list(wrong_statements("2 + 2 = 5, but 10 / 3 = 3.33 and x + 1 = 7"))
    [(0, 9)]
    """
    prose = _FENCED.sub(_blank, text) if "```" in text else text
    if "<<" in prose:
        for note in _ANNOTATION.finditer(prose):
            yield from _wrong_in(note[1], note.start(1))
        prose = _ANNOTATION.sub(_blank, prose)
    last = -1
    for found in _STATED.finditer(prose):
        start = prose.rfind("\n", 0, found.start()) + 1
        if start > last and _JOINED.search(prose, max(start, found.start() - 80), found.end()):  # each line once
            last = start
            stop = prose.find("\n", start)
            line = prose[start : stop if stop >= 0 else None]
            wrong = list(_wrong_in(line, start))
            if wrong and not _DOUBTED.search(line):
                yield from wrong


def _blank(found: re.Match[str]) -> str:
    """As many blanks as there were signs, so that places stay what they are."""
    return "\n".join(" " * len(line) for line in found[0].split("\n"))


def _wrong_in(line: str, at: int) -> Iterator[Span]:
    tokens = list(read_tokens(line))
    for place, token in enumerate(tokens):
        if token.kind == "equal":
            left, right = _left_of(tokens, place), _right_of(tokens, place)
            chained = bool(left) and left[0] is not tokens[0] and tokens[tokens.index(left[0]) - 1].kind == "equal"
            if left and right and (chained or _is_sum(left)) and not _holds(left, right, token.text != "="):
                yield at + left[0].start, at + right[-1].stop


def _is_sum(side: Sequence[Token]) -> bool:
    """Whether two numbers are joined in a side."""
    return any(token.kind in ("sign", "power", "raised") and place > 0 for place, token in enumerate(side))


_MOST_TOKENS: Final = 60
_EXPRESSION: Final = frozenset({"number", "sign", "power", "raised", "open", "close", "word"})


def _left_of(tokens: Sequence[Token], equal: int) -> list[Token]:
    """The longest run of signs before an equals sign that may be an expression; empty where it is cut off."""
    first, depth = equal, 0
    while first > 0 and equal - first < _MOST_TOKENS:
        token = tokens[first - 1]
        if token.kind not in _EXPRESSION or (token.kind == "word" and not _is_unit(tokens, first - 1)):
            break
        if token.kind == "number" and first < equal and tokens[first].kind == "number":
            break
        if token.kind in ("number", "word") and first < equal and tokens[first].kind == "open" and tokens[first].spaced:
            break
        depth += (token.kind == "close") - (token.kind == "open")
        if depth < 0:
            break
        first -= 1
    run = list(tokens[first:equal])
    before = tokens[first - 1] if first else None
    if before is not None and before.kind == "open" and depth < 0:
        before = tokens[first - 2] if first > 1 and before.spaced else before  # what stands before the parenthesis
        if before.kind == "word" and run:
            return run
    if run and run[0].kind == "sign" and before is None and len(run) > 1 and run[1].spaced:
        run = run[1:]  # the mark of a list
    if before is not None and before.text in ",." and first > 1 and tokens[first - 2].kind in ("number", "sign"):
        return []  # "14, 400 / 80", ".8 + . 84"
    return run if run and not _cut_off(before, run[0]) else []


def _cut_off(before: Token | None, first: Token) -> bool:
    """Whether an expression goes on before its first sign."""
    if first.kind == "sign" and (first.text != "-" or (before is not None and before.kind == "word")):
        return True
    if before is None or before.kind == "equal":
        return False
    if before.kind == "word":
        word = before.text.lower()
        return _FUNCTIONS.fullmatch(word) is not None or len(word) == 1 or not first.spaced
    if before.kind == "command":
        return before.text not in _LAYOUT
    if before.kind == "other":
        return before.text not in ",;:.(>|•→*\"'“?!" or (before.text in ",.:" and not first.spaced)
    return True


def _is_unit(tokens: Sequence[Token], place: int) -> bool:
    """Whether a word stands right after a number, or after one other such word."""
    before = tokens[place - 1] if place else None
    if before is None or before.kind not in ("number", "word", "close") or _PROSE.fullmatch(tokens[place].text):
        return False
    return before.kind != "word" or (place > 1 and tokens[place - 2].kind == "number")


def _right_of(tokens: Sequence[Token], equal: int) -> list[Token]:
    """The longest run of signs after an equals sign that may be an expression; empty where it goes on."""
    last, depth = equal + 1, 0
    while last < len(tokens) and last - equal < _MOST_TOKENS:
        token, before = tokens[last], tokens[last - 1]
        if token.kind not in _EXPRESSION or (token.kind == "word" and not _is_unit(tokens, last)):
            break
        if before.kind in ("number", "close", "word") and token.spaced and token.kind == "open":
            break
        depth += (token.kind == "open") - (token.kind == "close")
        if depth < 0:
            break
        last += 1
    run = list(tokens[equal + 1 : last])
    after = tokens[last] if last < len(tokens) else None
    if run and run[-1].kind == "sign" and run[-1].text == "*" and not run[-1].spaced:
        run.pop()  # the end of emphasis
    return run if run and not _goes_on(run, after) else []


def _goes_on(run: Sequence[Token], after: Token | None) -> bool:
    if run[-1].kind in ("sign", "power", "open"):
        return True
    if any(token.kind == "word" and _SCALES.fullmatch(token.text.lower()) for token in run):
        return True
    if after is None or after.spaced or after.kind == "equal":
        return after is not None and (
            after.kind == "number"
            or _SCALES.fullmatch(after.text.lower()) is not None
            or (after.kind == "word" and len(after.text) == 1)
            or after.text in "±{[/"
        )
    if after.text in (r"\)", r"\]"):
        return False
    return (
        after.kind in ("number", "open", "power", "word", "raised", "dots", "command") or after.text in "^/\\{[_:±…%!'<"
    )


def _holds(left: Sequence[Token], right: Sequence[Token], about: bool) -> bool:
    """Whether two sides may be equal; True as well where they cannot be read or compared."""
    if not _comparable(left, right):
        return True
    values, others = possible_values(left), possible_values(right)
    if not values or not others or _is_range(left) or any(token.text == "of" for token in right):
        return True
    slack = max(_slack(left, right), _slack(right, left))
    if about:
        slack = max(slack, Fraction(1, 10) * max(max(value.high, -value.high) for value in (*values, *others)))
    if any(_meet(a, b, slack) for a in values for b in others):
        return True
    return _runs_on(values, right) or _labelled(left, others, slack)


def _runs_on(values: Sequence[Interval], right: Sequence[Token]) -> bool:
    """Whether the right side goes on from the result, as on a calculator: "70 * 12 = 840 / 4 = 210"."""
    return len(right) > 1 and any(_meet(a, b, Fraction(0)) for a in values for b in possible_values(right[:1]))


def _labelled(left: Sequence[Token], others: Sequence[Interval], slack: Fraction) -> bool:
    """Whether the left side holds without a label before it: "Step 3 - 4 * 5 = 20"."""
    dash = next((i for i, token in enumerate(left) if token.kind == "sign" and token.text == "-"), 0)
    rest = left[dash + 1 :]
    return dash > 0 and left[dash].spaced and any(_meet(a, b, slack) for a in possible_values(rest) for b in others)


def _meet(a: Interval, b: Interval, slack: Fraction) -> bool:
    return a.low - slack <= b.high and b.low - slack <= a.high


def _slack(result: Sequence[Token], side: Sequence[Token]) -> Fraction:
    """How far a printed result may be off from the side it is the result of.

    Whole numbers added and multiplied give one number. A quotient may be cut or rounded to one unit of its last
    place, decimals to half of it; a large round product may be rounded further. 0 where the result is no number.
    """
    numbers = [token.text.rstrip(" %\\").replace(",", "") for token in result if token.kind == "number"]
    signs = [token.text for token in result if token.kind in ("sign", "power")]
    unit = Fraction(0)
    if len(numbers) == 3 and signs in (["*", "^"], ["-", "*", "^"]) and numbers[1] == "10" and len(numbers[2]) < 3:
        unit = _place(numbers[0]) * Fraction(10) ** int(Fraction(numbers[2]))
    elif len(numbers) == 1 and signs in ([], ["-"]):
        divided, rounded = ("/" in [token.text for token in side], any("." in t.text or "%" in t.text for t in side))
        share = Fraction(999, 1000) if divided else Fraction(1, 2) if rounded else Fraction(0)
        unit = share * _place(numbers[0])
        if re.fullmatch(r"\d+000", numbers[0]) and any(token.text in ("*", "/", "^") for token in side):
            unit = max(unit, Fraction(numbers[0]) / 20)
    return unit


def _place(number: str) -> Fraction:
    return Fraction(1, 10 ** len(number.partition(".")[2]))


def _comparable(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether the units of two sides let their numbers be compared."""
    units, result = (
        {token.text.lower().rstrip("s") for token in side if token.kind == "word"} for side in (left, right)
    )
    if any(map(_SCALES.fullmatch, units | result)):
        return False
    if not units:
        return all(len(unit) > 1 for unit in result)
    if any(token.kind == "sign" and token.text in "+-" for token in (*left, *right)):
        named = sum(token.kind == "number" for token in left) == sum(token.kind == "word" for token in left)
        if len(units) > 1 or not named or len(right) > 2:
            return False
    return result <= units and (bool(result) or all(len(unit) > 2 for unit in units))


def _is_range(left: Sequence[Token]) -> bool:
    """Whether a side is a range such as "90-100" rather than a difference."""
    if [token.kind for token in left] != ["number", "sign", "number"] or left[1].text != "-":
        return False
    return (
        not left[1].spaced
        and not left[2].spaced
        and printed_number(left[0].text).high <= printed_number(left[2].text).low
    )
