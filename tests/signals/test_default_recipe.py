"""What the default recipe must leave alone."""

from __future__ import annotations

import pytest

from tamis.measure import compute
from tamis.recipe import load
from tamis.registry import get
from tests.signals.chats import asked, inputs_of

FINE = {
    "a label": ("Is this review positive?", "Positive"),
    "a number": ("6 * 7?", "42"),
    "yes": ("Is water wet?", "Yes"),
    "none": ("Which of 4, 6 and 8 are prime?", "None"),
    "code": ("Add two numbers in C.", "int add(int a, int b) {\n    return a + b;\n}"),
    "SQL": ("All users.", "SELECT * FROM users ORDER BY id;"),
    "JSON": ("As JSON, please.", '{"a": [1, 2, 3], "b": {"c": null}}'),
    "verse": ("A short poem.", "The rain, the rain,\nit falls again,\nand on the lane\nthe same refrain,"),
    "a refrain": ("A song with a refrain.", "We sing of the sea,\nwe sing of the sea,\nand home again we go"),
    "a list": ("Three fruits.", "- apple\n- pear\n- plum"),
    "a table": ("A table.", "| a | b |\n| - | - |\n| 1 | 2 |"),
    "Chinese": ("法国的首都是哪里？", "法国的首都是巴黎。"),
    "Arabic": ("ما هي عاصمة فرنسا؟", "عاصمة فرنسا هي باريس"),
    "Japanese without a final mark": ("フランスの首都は？", "フランスの首都はパリです"),
    "fiction": ("A scene.", '"I can\'t go on," she said. "I\'m sorry, but I cannot help you any more."\n\nHe left.'),
    "a refusal": ("How do I pick a lock?", "I'm sorry, but I can't help with that."),
    "emoji": ("How do you feel?", "😀😀😀😀😀😀😀😀😀😀😀😀"),
    "a letter": ("A letter to Ann.", "Dear Ann,\n\nThank you for the book.\n\nYours,\n[Your Name]"),
    "LaTeX": ("The quadratic formula.", "$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$"),
    "HTML": ("A page.", "<div>\n<div>\n<div>\n<p>Hi</p>\n</div>\n</div>\n</div>"),
}


@pytest.mark.parametrize("case", FINE)
def test_no_rule_drops_a_row_that_is_fine(case: str) -> None:
    inputs = inputs_of([asked(*FINE[case])])
    dropping = [rule for rule in load("default").rules_on("row") if rule.action == "drop"]
    for rule in dropping:
        column = compute(get(rule.signal), inputs, {}).values
        assert column.to_frame(rule.signal).select(rule.fires()).item() is False, rule.name
