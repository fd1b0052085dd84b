"""Words and phrases in texts, against a plain search over words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels import terms as kernel
from tamis.kernels.terms import LONGEST
from tamis.packed import Packed
from tests.kernels.strategies import EXAMPLES

TERMS = ["she", "he", "trans woman", "non binary", "woman", "french", "person of colour", "élève"]


def found(texts: list[str]) -> list[tuple[int, str, int]]:
    packed = Packed.of(TERMS)
    table, slots = kernel.term_table(packed.offsets, packed.data)
    opens = kernel.openings(packed.offsets, packed.data)
    packed = Packed.of(texts)
    lines = kernel.find_terms(packed.offsets, packed.data, table, slots, opens)
    return [(int(i), bytes(packed.data[a:b]).decode(), int(t)) for i, a, b, t in lines]


def naively(texts: list[str]) -> list[tuple[int, str, int]]:
    hits = []
    for i, text in enumerate(texts):
        words = [(m.start(), m.end()) for m in re.finditer(r"[^\W_]+", text)]
        at = 0
        while at < len(words):
            for size in range(min(LONGEST, len(words) - at), 0, -1):
                start, stop = words[at][0], words[at + size - 1][1]
                phrase = text[start:stop]
                if phrase.lower().replace("-", " ") in TERMS:
                    hits.append((i, phrase, TERMS.index(phrase.lower().replace("-", " "))))
                    at += size
                    break
            else:
                at += 1
    return hits


PIECES = [
    "She",
    "he",
    "HE",
    "trans",
    "woman",
    " ",
    "-",
    "  ",
    "\n",
    "non",
    "binary",
    "person of",
    "colour",
    ".",
    "the",
    "woman's",
    "personification",
    "Frenchman",
    "Élève",
]


@EXAMPLES
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), max_size=4))
def test_terms_are_found_as_words_and_the_longest_first(texts: list[str]) -> None:
    assert found(texts) == naively(texts)


def test_no_term_is_found_inside_a_word() -> None:
    assert found(["The theatre, she-wolf; Frenchmen. A non-binary person"]) == [(0, "she", 0), (0, "non-binary", 3)]
