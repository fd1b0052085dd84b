"""Arithmetic as it is printed in a text: signs, what a number may stand for, and the value of an expression.

A small tokenizer and recursive descent over exact fractions; nothing is evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

_MOST_DIGITS, _MOST_POWER = 24, 12

_TOKEN: Final = re.compile(  # the commonest signs first: spaces, and words that cannot be the sign x
    r"(?P<space>[ \t\xa0]+)|(?P<letters>[^\W\d_]{2,}[²³]?)"
    r"|(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]+(?:\.[0-9]+)?|(?<![\d.])\.[0-9]+)"
    r"(?P<percent> ?\\?%)?"
    r"|(?P<equal>(?<![=<>!:+*/-])=(?![=>])|≈|≃|≅|\\approx|\\simeq)"
    r"|(?P<power>\*\*(?=\d)|\^)|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<sign>\\times\b|\\cdot\b|\\div\b|\\\*|[-+*/×÷·⋅∙−–]|(?<= )[xX](?= [\d($.\\])|(?<=[\d)%])[xX](?=\d))"
    r"|(?P<command>\\[()\[\]]|\\(?!text\b|left\(|right\))[A-Za-z]+)"
    r"|(?P<open>\\left\(|\()|(?P<close>\\right\)|\))"
    r"|(?P<blank>\\[,;! ]|\*\*|\\?[$€£₹¥])"
    r"|(?P<dots>\.{2,}|…)"
    r"|(?P<word>\\text\{ ?[^{}\n]{0,30}\}|[^\W\d_]+[²³]?|°[CF]?)"
    r"|(?P<other>.)"
)
_NAMES: Final = {"letters": "word", "percent": "number"}
_SIGNS: Final = {"\\times": "*", "\\cdot": "*", "\\*": "*", "×": "*", "·": "*", "⋅": "*", "∙": "*", "x": "*", "X": "*"}
_SIGNS_MORE: Final = {"\\div": "/", "÷": "/", "−": "-", "–": "-"}
_RAISED: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


class Token(NamedTuple):
    """One sign of a line: its kind, what it says, where it stands, and whether white space stands before it."""

    kind: str
    text: str
    start: int
    stop: int
    spaced: bool


@dataclass(frozen=True)
class Interval:
    """The numbers that what is printed may stand for: 0.33 is anything from 0.325 to 0.335, 3 is 3."""

    low: Fraction | int  # a whole number stays an int, which is far faster
    high: Fraction | int

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __mul__(self, other: Interval) -> Interval:
        if self.low == self.high and other.low == other.high:
            exact = self.low * other.low
            return Interval(exact, exact)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise UnreadableError
        return self * Interval(Fraction(1) / other.high, Fraction(1) / other.low)


class UnreadableError(Exception):
    """What stands there is no arithmetic that this grammar knows."""


def read_tokens(line: str) -> Iterator[Token]:
    """The signs of a line; "20% of 50 is 10" reads as "20% * 50 = 10"."""
    spaced, percent_of, last = True, False, ""
    for found in _TOKEN.finditer(line):
        kind, text = found.lastgroup or "other", found[0]
        if kind == "space":
            spaced = True
            continue
        if kind == "blank":
            spaced = spaced or text.startswith("\\")
            continue
        kind = _NAMES.get(kind, kind)
        if kind == "word" and text == "of" and last == "percent":
            kind, percent_of = "sign", True
        elif kind == "word" and text in ("is", "equals") and percent_of and last == "number":
            kind, text = "equal", "="
        if kind == "sign":
            text = _SIGNS.get(text) or _SIGNS_MORE.get(text) or text
        last = "percent" if kind == "number" and text.endswith("%") else kind
        percent_of = percent_of and kind in ("number", "sign")
        yield Token(kind, text, found.start(), found.end(), spaced)
        spaced = False


def possible_values(side: Sequence[Token]) -> list[Interval]:
    """What a side may be worth: percent as a hundredth or as it stands, "1.500" as 1.5 or as 1500."""
    if any(token.kind in ("power", "raised") and before.kind == "word" for before, token in pairwise(side)):
        return []  # "15 cm^2"
    side = [token for token in side if token.kind != "word"]
    found = []
    divided = sum(token.kind == "sign" and token.text == "/" for token in side)
    if divided > 1 and "(" not in "".join(token.text for token in side):
        return []  # "60 / 3/4" may mean either
    for hundredth in (True, False) if any(token.text.endswith("%") for token in side) else (False,):
        for dotted in (False, True) if any(re.fullmatch(r"\d{1,3}(?:\.\d{3})+", t.text) for t in side) else (False,):
            reader = _Reader(side, hundredth, dotted)
            try:
                found.append(reader.whole())
            except UnreadableError:
                return []
    return found


def printed_number(text: str, hundredth: bool = False, dotted: bool = False) -> Interval:
    """What a number may stand for as it is printed; an error for one too long, or with zeros before it."""
    digits = text.rstrip(" %\\").replace(",", "")
    if dotted and re.fullmatch(r"\d{1,3}(?:\.\d{3})+", digits):
        digits = digits.replace(".", "")
    if len(digits) > _MOST_DIGITS or re.match(r"0\d", digits):
        raise UnreadableError
    scale = 100 if hundredth and text.endswith("%") else 1
    if digits.isdigit() and scale == 1:
        return Interval(int(digits), int(digits))
    value = Fraction(digits)
    half = Fraction(1, 2 * 10 ** len(digits.partition(".")[2])) if "." in digits else Fraction(0)
    return Interval((value - half) / scale, (value + half) / scale)


class _Reader:
    """Recursive descent over the signs of one side: sum, product, power, then number or parenthesis."""

    def __init__(self, side: Sequence[Token], hundredth: bool, dotted: bool) -> None:
        self.side, self.place, self.hundredth, self.dotted = side, 0, hundredth, dotted

    def whole(self) -> Interval:
        value = self._sum()
        if self.place != len(self.side):
            raise UnreadableError
        return value

    def _next(self, kind: str, text: str = "") -> Token | None:
        if self.place < len(self.side):
            token = self.side[self.place]
            if token.kind == kind and (not text or token.text in text):
                self.place += 1
                return token
        return None

    def _sum(self) -> Interval:
        value = self._product()
        while sign := self._next("sign", "+-"):
            term = self._product()
            value = value + (term if sign.text == "+" else -term)
        return value

    def _product(self) -> Interval:
        value = self._signed()
        while True:
            if sign := self._next("sign", "*/of"):
                factor = self._signed()
                value = value / factor if sign.text == "/" else value * factor
            elif self.place < len(self.side) and self.side[self.place].kind == "open":
                value = value * self._power()
            else:
                return value

    def _signed(self) -> Interval:
        return -self._signed() if self._next("sign", "-") else self._power()

    def _power(self) -> Interval:
        value = self._atom()
        exponent = self._next("raised")
        if exponent:
            return self._raise(value, int(exponent.text.translate(_RAISED)))
        if self._next("power"):
            number = self._next("number")
            if number is None or not number.text.isdigit():
                raise UnreadableError
            return self._raise(value, int(number.text))
        return value

    @staticmethod
    def _raise(value: Interval, exponent: int) -> Interval:
        if exponent > _MOST_POWER:
            raise UnreadableError
        raised = Interval(1, 1)
        for _ in range(exponent):
            raised = raised * value
        return raised

    def _atom(self) -> Interval:
        if number := self._next("number"):
            return printed_number(number.text, self.hundredth, self.dotted)
        if self._next("open"):
            value = self._sum()
            if self._next("close"):
                return value
        raise UnreadableError
