import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.hashing import combine, content_hash
from tamis.packed import Packed
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, JIT, check

_WORDS = st.integers(0, 2**64 - 1)


@EXAMPLES
@given(strategies.texts, _WORDS)
def test_content_hash_is_that_of_the_text_with_single_spaces(texts: list[str], seed: int) -> None:
    check(lambda o, d: content_hash(o, d, seed), lambda text: naive.content_hash(text, seed), texts)


@EXAMPLES
@given(
    st.lists(
        st.sampled_from(["word", "a", " ", "  ", "!", " !", "\t", "\n", "\x7f", "é", "漢字", "\xa0", "\0"]), max_size=40
    )
)
def test_content_hash_of_prose_with_odd_gaps(pieces: list[str]) -> None:
    text = "".join(pieces)
    check(lambda o, d: content_hash(o, d, 7), lambda text: naive.content_hash(text, 7), [text, text[1:], f" {text}\n"])


@EXAMPLES
@given(st.lists(st.lists(st.tuples(_WORDS, _WORDS), max_size=4), max_size=5))
def test_combine_hashes_groups_in_order(groups: list[list[tuple[int, int]]]) -> None:
    flat = np.array([pair for group in groups for pair in group], np.uint64).reshape(-1, 2)
    offsets = np.cumsum([0, *map(len, groups)], dtype=np.int64)
    assert combine(flat, offsets).tolist() == [naive.combine([list(p) for p in group]) for group in groups]


def test_a_million_short_strings_have_as_many_hashes() -> None:
    count = 1_000_000 if JIT else 2_000
    digits = np.char.mod("%x", np.arange(count)).astype("S5")
    raw = b" ".join(digits)
    edges = np.flatnonzero(np.frombuffer(raw, np.uint8) == 32)
    offsets = np.concatenate([[0], edges, [len(raw)]]).astype(np.int64)
    hashes = content_hash(offsets, np.frombuffer(raw, np.uint8))
    for lane in (0, 1):
        assert len(np.unique(hashes[:, lane])) == count
        bits = np.unpackbits(hashes[:, lane].copy().view(np.uint8)).reshape(count, 64)
        assert abs(bits.mean(axis=0) - 0.5).max() < 4 / np.sqrt(count)


def test_white_space_at_the_ends_and_its_length_do_not_count() -> None:
    packed = Packed.of(["a b", "\u3000a \n\tb ", "ab"])
    one, same, other = content_hash(packed.offsets, packed.data).tolist()
    assert one == same != other
