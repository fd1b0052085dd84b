from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.band_pairs import band_pairs, first_equal, mark_late
from tamis.kernels.jaccard import jaccard, room_for_sets, write_sets
from tamis.kernels.minhash import band_keys
from tamis.kernels.shingle_counts import count_texts, table_of
from tamis.packed import Packed
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, JIT, sliced
from tests.neighbours import naive_lexical

NOTHING = table_of(np.zeros(0, np.uint64))
SALT = np.uint64(0)


def sets_of(packed: Packed, words: int, characters: int, template: np.ndarray = NOTHING) -> list[np.ndarray]:
    sets = room_for_sets(np.diff(packed.offsets))
    write_sets(packed.offsets, packed.data, np.arange(len(packed)), (words, characters, SALT), template, sets)
    return [sets[3][start : start + size] for start, size in zip(sets[0], sets[1], strict=True)]


@EXAMPLES
@given(strategies.texts, st.integers(1, 4), st.integers(1, 6))
def test_sets_have_one_hash_for_each_distinct_shingle(texts: list[str], words: int, characters: int) -> None:
    named: dict[int, tuple[str, ...]] = {}
    for text, found in zip(texts, sets_of(sliced(texts), words, characters), strict=True):
        expected = dict.fromkeys(naive_lexical.shingles(text, words, characters))
        assert len(found) == len(expected)
        for key, shingle in zip(found.tolist(), expected, strict=True):  # in the order in which they first stand
            assert named.setdefault(key, shingle) == shingle
    assert len(set(named.values())) == len(named)


@EXAMPLES
@given(strategies.texts)
def test_similarities_are_those_of_the_sets(texts: list[str]) -> None:
    packed = Packed.of(texts)
    sets = room_for_sets(np.diff(packed.offsets))
    write_sets(packed.offsets, packed.data, np.arange(len(packed)), (2, 3, SALT), NOTHING, sets)
    left, right = (index.ravel().astype(np.int64) for index in np.indices((len(texts), len(texts))))
    naive = [set(naive_lexical.shingles(text, 2, 3)) for text in texts]
    expected = [naive_lexical.jaccard(naive[a], naive[b]) for a, b in zip(left, right, strict=True)]
    assert jaccard(sets, left, right).tolist() == expected


@EXAMPLES
@given(strategies.texts, st.integers(0, 3))
def test_signatures_are_of_the_set_alone(texts: list[str], extra: int) -> None:
    multipliers = np.arange(1, 48, 2, dtype=np.uint32) * np.uint32(0x9E3779B1)
    rows = [*texts, *(f"{text} {text} {text}" for text in texts), *([""] * extra)]
    packed = sliced(rows)
    keys, words = band_keys([(packed.offsets, packed.data)], [(1, 1, SALT)], NOTHING, multipliers, 6)
    assert keys.shape == (6, len(rows))
    for row, text in enumerate(texts):
        assert (words[row] == 0) == (text.strip() == "" or not naive_lexical.words(text))
        if len(naive_lexical.words(text)) > 1:  # said three times, it has the same words
            assert keys[:, row].tolist() == keys[:, row + len(texts)].tolist()
            assert words[row] != words[row + len(texts)]


def test_lanes_agree_as_often_as_sets_are_alike() -> None:
    lanes, trials = (4000, 20) if JIT else (200, 4)
    multipliers = (np.random.default_rng(0).choice(2**31, lanes, replace=False) * 2 + 1).astype(np.uint32)
    for trial in range(trials):
        one = " ".join(f"{trial}x{k}" for k in range(40))
        other = " ".join(f"{trial}x{k}" for k in range(10, 50))
        packed = Packed.of([one, other])
        keys, _ = band_keys([(packed.offsets, packed.data)], [(1, 1, SALT)], NOTHING, multipliers, lanes)
        agreed = float((keys[:, 0] == keys[:, 1]).mean())
        assert abs(agreed - 30 / 50) < 5 * (0.24 / lanes) ** 0.5


buckets = st.integers(1, 4).flatmap(
    lambda bands: st.lists(st.lists(st.integers(0, 3), min_size=bands, max_size=bands), min_size=1, max_size=25)
)


@EXAMPLES
@given(buckets, st.integers(1, 4), st.integers(0, 4), st.data())
def test_bands_meet_rows_with_the_first_of_their_bucket(
    rows_of_keys: list[list[int]], limit: int, few: int, data: st.DataObject
) -> None:
    keys = np.ascontiguousarray(np.array(rows_of_keys, np.uint32).T)
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, keys.shape[1] - 1)))), np.int64)
    late, lead = np.zeros(keys.shape, np.uint8), np.ascontiguousarray(keys[:few].T)
    left_out = sum(mark_late(keys[band], rows, limit, late[band]) for band in range(len(keys)))
    first = data.draw(st.integers(0, len(rows)))
    met = [
        divmod(int(pair), 2**32)
        for band in range(len(keys))
        for start, stop in ((0, first), (first, len(rows)))  # a stripe after the other finds the same pairs
        for pair in band_pairs(keys[band], rows[:stop], late, lead, band, start)
    ]
    expected, skipped = [], 0
    for band in range(len(keys)):
        for row in rows.tolist():
            bucket = [other for other in rows.tolist() if other < row and keys[band, other] == keys[band, row]]
            expected += [(other, row) for other in bucket[:limit]]
            skipped += len(bucket[limit:])
    assert set(met) == set(expected)
    assert left_out == skipped
    if few >= len(keys):
        assert len(set(met)) == len(met)


@EXAMPLES
@given(st.lists(st.integers(0, 5)))
def test_the_first_equal_is_the_first(keys: list[int]) -> None:
    assert first_equal(np.array(keys, np.uint64)).tolist() == [keys.index(key) for key in keys]


@EXAMPLES
@given(strategies.texts)
def test_texts_are_counted_once_for_each_shingle(texts: list[str]) -> None:
    packed = sliced(texts)
    held = sets_of(packed, 2, 3)
    table = table_of(np.unique(np.concatenate([*held, NOTHING[:0]])))
    counts, words = count_texts(packed.offsets, packed.data, np.arange(len(packed)), (2, 3, SALT), table)
    expected = {key: sum(key in found for found in held) for key in table.tolist() if key}
    assert {key: count for key, count in zip(table.tolist(), counts.tolist(), strict=True) if key} == expected
    assert [bool(word) for word in words] == [bool(naive_lexical.words(text)) for text in texts]


@EXAMPLES
@given(strategies.texts, st.data())
def test_what_the_template_holds_is_left_out_unless_nothing_is_left(texts: list[str], data: st.DataObject) -> None:
    packed = Packed.of(texts)
    whole = sets_of(packed, 2, 3)
    every = sorted({key for found in whole for key in found.tolist()})
    chosen = data.draw(st.sets(st.sampled_from(every))) if every else set()
    table = table_of(np.array(sorted(chosen), np.uint64))
    for before, after in zip(whole, sets_of(packed, 2, 3, table), strict=True):
        rest = [key for key in before.tolist() if key not in chosen]
        assert after.tolist() == (rest or before.tolist())
