"""Arithmetic that does not hold, against Python's own reading of the same expression."""

from __future__ import annotations

import ast
import operator
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tamis.signals.arithmetic import wrong_statements
from tests.signals.chats import of_answer

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def worth(expression: str) -> Fraction:
    """The exact value of an expression, by Python's parser."""

    def visit(node: ast.expr) -> Fraction:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](visit(node.left), visit(node.right))
        assert isinstance(node, ast.Constant)
        return Fraction(node.value)

    return visit(ast.parse(expression, mode="eval").body)


numbers = (st.integers(1, 60) | st.integers(1, 999)).map(str)
expressions = st.recursive(
    st.tuples(numbers, st.sampled_from("+-*"), numbers).map(" ".join),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*")).map(" ".join).flatmap(lambda a: numbers.map(lambda b: f"{a} {b}"))
        | inner.flatmap(lambda a: numbers.map(lambda b: f"({a}) * {b}"))
    ),
    max_leaves=4,
)
WRITTEN = {"*": ["*", "×", r"\times", r"\cdot", "x"], "-": ["-", "−"], "+": ["+"]}


@given(expression=expressions, data=st.data())
def test_whole_numbers_hold_if_and_only_if_python_says_so(expression: str, data: st.DataObject) -> None:
    if worth(expression) < 0:
        expression = expression.replace("-", "+")
    assume(worth(expression) < 100_000)
    error = data.draw(st.integers(max(-50, int(-worth(expression))), 50))
    result = worth(expression) + error
    assume(error == 0 or not (str(result).endswith("000") and "*" in expression))  # a large product may be rounded
    first, dash, rest = expression.partition(" - ")
    assume(not (dash and error and first.isdigit() and worth(rest) == result))  # a label: "Step 3 - 4 * 5 = 20"
    written = "".join(data.draw(st.sampled_from(WRITTEN.get(sign, [sign]))) for sign in expression)
    assert bool(list(wrong_statements(f"So {written} = {result}."))) == (error != 0)


@given(st.integers(1, 10_000), st.integers(1, 999), st.integers(0, 6))
def test_a_quotient_holds_at_any_number_of_decimals_rounded_or_cut(above: int, below: int, places: int) -> None:
    scaled = Fraction(above, below) * 10**places
    for shown in (int(scaled), round(scaled)):
        digits = str(shown).zfill(places + 1)
        printed = f"{digits[:-places]}.{digits[-places:]}" if places else digits
        assert list(wrong_statements(f"{above} / {below} = {printed}")) == []


@given(st.text(alphabet="0123456789.,+-*/x=()%$ \\<>abc^²½≈\n", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for start, stop in wrong_statements(text):
        assert 0 <= start < stop <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "12 - 2 + 5 = 19",
        "(2 + 4 + 5 + 6 + 8) / 5 = 4.4",
        "$100 + $10 + $8 = $138",
        "20% of 50 is 12",
        r"\(5 \cdot 8 - 4 + 3 = 40 - 4 + 3 = 37\)",
        "3 kg + 4 kg = 8 kg",
        "1,000 × 133 = 66,500,000",
        "5(2)^3 - 2(2) + 3 = 15",
        "It makes <<48/2=25>>25.",
        "10² = 20",
    ],
)
def test_what_does_not_hold_is_found(text: str) -> None:
    assert of_answer("wrong_arithmetic", text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "2x + 3 = 8",
        "10 = 2x - 10",
        "90-100 = 4",
        "17 / 5 = 3 remainder 2",
        "5 * 1,000,000 = 5 million",
        "5! + 3 = 123",
        "sqrt(9 + 16) = 5",
        "60 miles / 30 minutes = 120 mph",
        "70 * 12 = 840 / 4 = 210",
        "version 2.0 = 3 - 1.5",
        "v1.2 + 3 = 9",
        "2024-05-01 = 3",
        "3:2 = 6:4",
        "14, 400 / 80 = 180",
        "a[1] + 2 = 4",
        "2 ** 3 = 8",
    ],
)
def test_what_is_no_plain_arithmetic_is_left_alone(text: str) -> None:
    assert of_answer("wrong_arithmetic", text) == 0


def test_a_question_about_mistakes_may_be_answered_by_one() -> None:
    assert of_answer("wrong_arithmetic", "2 + 2 = 5", "Write a sum with a mistake in it.") == 0
