"""Lines by kind against regular expressions over split lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.layout import MEASURES, layout
from tamis.packed import Packed

_ITEM = re.compile(r"(?:[-*+] .|•|[*# ]*(?:\d{1,3}[.)]|[a-zA-Z]\))(?: |$))", re.DOTALL)
_CALL = re.compile(r"[A-Za-z0-9_.]+[(\[].*[)\]:]", re.DOTALL)
_VALUE = re.compile(r"[A-Za-z0-9_.]+ (?:=.|.=)", re.DOTALL)
pieces = st.sampled_from(
    [
        *("- ", "* ", "1. ", "12) ", "b) ", "• ", "**3.** ", "| a | b |", "```", "x = 1", "f(x)", "f(x):", "if (a) {"),
        *("};", "<b>", "#include <a>", "words here", "    indented", "\n", "\n", "\n\n", " ", "é", "a.", "+= 2", "x "),
    ]
)


def _naive(text: str) -> list[int]:
    lines = items = rows = fenced = code = 0
    inside = False
    for raw in text.split("\n"):
        line = raw.strip()
        if not line:
            continue
        lines += 1
        if line.startswith("```") or inside:
            inside = inside != line.startswith("```")
            fenced += 1
        elif _ITEM.match(line):
            items += 1
        elif line[0] == "|" or (line[-1] == "|" and len(line.encode()) > 3):
            rows += 1
        else:
            indented = len(raw) - len(raw.lstrip()) >= 4 and code > 0 and items == 0
            code += indented or _is_code(line)
    return [lines, items, rows, fenced, code]


def _is_code(line: str) -> bool:
    if line[-1] in ";{}" or (line[0] == "<" and line[-1] == ">"):
        return True
    if not re.match(r"[A-Za-z0-9_.]", line):
        return line.startswith("#i") and len(line.encode()) > 8
    name = re.match(r"[A-Za-z0-9_.]+", line)
    assert name
    call = line[name.end() : name.end() + 1] in ("(", "[") and line[-1] in ")]:"
    return call or bool(_VALUE.match(line)) or line.endswith(("):", "]:"))


@given(st.lists(pieces, max_size=25).map("".join))
def test_lines_are_counted_as_regular_expressions_count_them(text: str) -> None:
    packed = Packed.of([text])
    assert layout(packed.offsets, packed.data)[0].tolist() == _naive(text)


@given(st.text())
def test_no_text_has_more_lines_of_a_kind_than_lines(text: str) -> None:
    packed = Packed.of([text])
    lines, *kinds = layout(packed.offsets, packed.data)[0].tolist()
    assert sum(kinds) <= lines <= text.count("\n") + 1


@pytest.mark.parametrize("text", ["- ", "-", "1.", "•", "```", "|", "a)", "#"])
def test_a_text_that_ends_in_a_mark_is_read_to_its_end_and_no_further(text: str) -> None:
    alone, before = Packed.of([text]), Packed.of([text, " item; {}"])
    found = layout(before.offsets, before.data)
    assert len(found[0]) == len(MEASURES)
    assert found[0].tolist() == layout(alone.offsets, alone.data)[0].tolist()
