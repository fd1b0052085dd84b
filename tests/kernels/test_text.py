import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels import _text, codepoints, counting, hashing, loops, overlap, repetition
from tests.kernels.strategies import EXAMPLES


@pytest.mark.parametrize("step", [97])
def test_is_space_is_that_of_str(step: int) -> None:
    codes = [*range(0x3100), *range(0x3100, sys.maxunicode + 1, step)]
    assert [code for code in codes if _text.is_space(code)] == [code for code in codes if chr(code).isspace()]


@EXAMPLES
@given(st.text(min_size=1))
def test_decode_reads_what_str_encodes(text: str) -> None:
    raw, at, codes = np.frombuffer(text.encode(), np.uint8), 0, []
    while at < len(raw):
        code, width = _text.decode(raw, at, len(raw))
        codes.append(code)
        at += width
    assert codes == [ord(character) for character in text]


@EXAMPLES
@given(st.text(" \u3000\n\x85ab\u00e9\u4e16", max_size=12))
def test_strip_is_that_of_str(text: str) -> None:
    raw = text.encode()
    start, stop = _text.strip(np.frombuffer(raw, np.uint8), 0, len(raw))
    assert raw[start:stop].decode() == text.strip()


@EXAMPLES
@given(st.binary(max_size=60), st.integers(0, 60))
def test_no_kernel_minds_invalid_bytes_or_text_cut_within_a_character(raw: bytes, cut: int) -> None:
    data = np.frombuffer(raw, np.uint8)
    offsets = np.array([0, min(cut, len(raw)), len(raw)])
    for kernel in (
        counting.characters, counting.words_and_tokens, counting.looks_english,
        hashing.content_hash, repetition.repetition, loops.sentence_repeats, loops.trailing_repeats,
        codepoints.control_characters, codepoints.replacement_characters, codepoints.zero_width_characters,
    ):  # fmt: skip
        assert len(kernel(offsets, data)) == 2
    assert len(overlap.ngram_containment(offsets, data, offsets, data, 2)) == 2
