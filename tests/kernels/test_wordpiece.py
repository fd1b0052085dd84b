"""Against the tokenizers library, which shares no code with the kernel."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from tamis.kernels import wordpiece
from tamis.kernels.wordpiece import scratch, vocabulary, word_pieces
from tamis.kernels.wordpiece_characters import ALONE, WORD, characters, no_characters
from tamis.packed import Packed
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, JIT, sliced

PIECES = [
    "[PAD]", "[UNK]", "a", "b", "c", "the", "##a", "##b", "##bc", "ab", "abc", "##e", "e", "un", "##known", "known",
    "x", "##x", "##xxx", ",", ".", "!", "'", "t", "s", "##s", "##t", "naive", "1", "##1", "12", "##123", "世", "字",
    "é", "я", "##я", "—", "’", "```", "so", "go", "##es", "it", "internationalization", "abcdefgh", "##ijklmnop", "was",
    "never", "\u1112", "##\u1161", "##\u11ab", "σ", "##σ", "ß", "##ß", "thebea", "##theb", "😀", "again", "##gain",
    "##b1c2",
]  # fmt: skip
UNKNOWN = PIECES.index("[UNK]")


# Characters of the same class in Unicode 3.2 as now: of others the library and this Python may think differently.
def is_steady(character: str) -> bool:
    return unicodedata.ucd_3_2_0.category(character) == unicodedata.category(character) != "Cn"


_OLD = st.characters(exclude_categories=["Cs"]).filter(is_steady)
_LETTERS = st.text("abcxeTHS1' ,ABé\u0301", max_size=40)
_LONG = st.tuples(st.sampled_from(["a", "ab", "é", "世", "x"]), st.integers(90, 110)).map(lambda p: p[0] * p[1])
TEXTS = st.lists(st.one_of(st.text(_OLD), strategies.text, _LETTERS, _LONG, st.lists(
    st.sampled_from([*PIECES, " ", "-", "\n", "\x00", "\u00ad"])).map("".join)), max_size=5)  # fmt: skip


@cache
def library(pieces: tuple[str, ...] = tuple(PIECES)) -> Tokenizer:
    made = Tokenizer(WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]"))
    made.normalizer = BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    return made


@cache
def table() -> wordpiece.Vocabulary:
    return vocabulary([piece.encode() for piece in PIECES], UNKNOWN)


def words_of(text: str) -> list[str]:
    made = library()
    return [word for word, _ in made.pre_tokenizer.pre_tokenize_str(made.normalizer.normalize_str(text))]


def unknown_characters(text: str) -> int:
    encode = library().encode
    return sum(len(word) for word in words_of(text) if encode(word, is_pretokenized=False).ids == [UNKNOWN])


def ids_of(packed: Packed, work: wordpiece.Scratch) -> tuple[list[list[int]], list[list[int]]]:
    ends, ids, told = word_pieces(packed.offsets, packed.data, table(), characters(), work)
    return [ids[a:b].tolist() for a, b in pairwise(ends)], told.tolist()


@EXAMPLES
@given(TEXTS)
def test_ids_are_those_of_the_tokenizers_library(texts: list[str]) -> None:
    expected = [each.ids for each in library().encode_batch(texts, add_special_tokens=False)]
    told = [[len("".join(words_of(text))), unknown_characters(text)] for text in texts]
    for packed in (Packed.of(texts), sliced(texts)):
        assert ids_of(packed, scratch()) == (expected, told)


@EXAMPLES
@given(TEXTS)
def test_what_was_seen_before_changes_nothing(texts: list[str]) -> None:
    fresh, crowded = scratch(), scratch(2)
    for text in texts:
        one = Packed.of([text])
        assert ids_of(one, crowded) == ids_of(one, scratch()) == ids_of(one, fresh) == ids_of(one, fresh)


@EXAMPLES
@given(st.lists(st.text(st.characters(max_codepoint=127)), max_size=5))
def test_plain_text_needs_no_tables(texts: list[str]) -> None:
    packed = Packed.of(texts)
    with_tables = word_pieces(packed.offsets, packed.data, table(), characters(), scratch())
    without = word_pieces(packed.offsets, packed.data, table(), no_characters(), scratch())
    assert all(np.array_equal(a, b) for a, b in zip(with_tables, without, strict=True))


@pytest.mark.parametrize("size", range(1, 36))
def test_a_word_of_any_length_at_any_distance_from_the_end(size: int) -> None:
    for tail in ("", " ", "!", "é", " x" * 9):
        text = "ab1C2x" * 6
        text = text[:size] + tail
        assert ids_of(Packed.of([text]), scratch())[0] == [library().encode(text, add_special_tokens=False).ids]


@pytest.mark.slow
@pytest.mark.skipif(not JIT, reason="a million code points take the interpreter minutes")
def test_every_steady_code_point_is_split_as_the_library_does() -> None:
    old = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000 and is_steady(chr(code))]
    assert len(old) > 230_000
    texts = [f"a{character}b {character}" for character in old]
    expected = [each.ids for each in library().encode_batch(texts, add_special_tokens=False)]
    assert ids_of(Packed.of(texts), scratch())[0] == expected


def test_a_normal_form_is_never_longer_than_its_source() -> None:
    """So that a text has at most as many ids as bytes, which is how many the kernel has room for."""
    tables = characters()
    places = np.flatnonzero(tables.places)
    widths = np.array([len(chr(code).encode()) for code in places])
    assert (tables.forms[tables.places[places] + 1] <= widths).all()
    assert (tables.forms[tables.places[places]] <= 4 * widths).all()
    assert set(tables.kinds[[ord("世"), ord("字")]]) == {ALONE}
    assert tables.kinds[ord("é")] == WORD
