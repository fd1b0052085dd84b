"""Runs of words that texts share, and stretches of words that do not repeat themselves."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from tamis.kernels._jit import I32, I64, kernel, tuple_of
from tamis.kernels._table import finish, table_size
from tamis.kernels.shingles import INTS, place_of
from tamis.kernels.words import NUMBERS

_INT, _FLOAT = types.int64, types.float64


@kernel(tuple_of(NUMBERS, INTS)(I64))
def _number_keys(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    size = table_size(int((keys >= 0).sum()))
    table, held = np.zeros(size, np.uint64), np.empty(size, np.int32)
    numbers, firsts, count = np.empty(len(keys), np.int32), np.empty(len(keys), np.int64), 0
    for i in range(len(keys)):
        if keys[i] < 0:
            numbers[i] = -1
            continue
        key = finish(np.uint64(keys[i] + 1))  # no two keys have the same, and none has 0
        slot = place_of(table, key)
        if table[slot] == np.uint64(0):
            table[slot], held[slot], firsts[count] = key, count, i
            count += 1
        numbers[i] = held[slot]
    return numbers, firsts[:count].copy()


def number_keys(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Number different keys in order, those below 0 with -1: int32 of shape (keys,), and where each first stands.

    O(keys), exact.

    >>> [found.tolist() for found in number_keys(np.array([7, -1, 9, 7]))]
    [[0, -1, 1, 0], [0, 2]]
    """
    with np.errstate(over="ignore"):  # hashes wrap on purpose, of which the interpreter warns
        return _number_keys(keys)


@kernel(tuple_of(INTS, INTS)(I64, I32, _INT))
def count_texts(
    offsets: NDArray[np.int64], runs: NDArray[np.int32], different: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count the texts that hold each run, and for each text how often others hold its different runs.

    `runs` are the numbers of runs, below `different`; -1 is none. int64 of shape (different,) and (n,).

    >>> [found.tolist() for found in count_texts(np.array([0, 3, 5]), np.array([0, 1, 0, 0, -1], np.int32), 2)]
    [[2, 1], [1, 1]]
    """
    texts, last = np.zeros(different, np.int64), np.full(different, -1, np.int64)
    n = len(offsets) - 1
    for i in range(n):
        for run in runs[offsets[i] : offsets[i + 1]]:
            if run >= 0 and last[run] != i:
                texts[run] += 1
                last[run] = i
    elsewhere = np.zeros(n, np.int64)
    for i in range(n):
        for run in runs[offsets[i] : offsets[i + 1]]:
            if run >= 0 and last[run] != n + i:
                elsewhere[i] += texts[run] - 1
                last[run] = n + i
    return texts, elsewhere


@kernel(INTS(I64, I32, _INT))
def count_matches(offsets: NDArray[np.int64], runs: NDArray[np.int32], different: int) -> NDArray[np.int64]:
    """Count how many runs of each text are matched by another, as BLEU does: int64 of shape (n,). O(runs).

    A run counts as often as the one other text that holds it most often does, at most as often as in its own. The two
    highest counts of each run tell it for all texts, so that every text has all others for references.

    >>> count_matches(np.array([0, 3, 5]), np.array([0, 1, 0, 0, -1], np.int32), 2).tolist()
    [1, 1]
    """
    here, most, second = np.zeros(different, np.int32), np.zeros(different, np.int32), np.zeros(different, np.int32)
    owner, matches = np.zeros(different, np.int32), np.zeros(len(offsets) - 1, np.int64)
    for judged in range(2):
        for i in range(len(matches)):
            text = runs[offsets[i] : offsets[i + 1]]
            for run in text:
                if run >= 0:
                    here[run] += 1
            for run in text:
                if run < 0 or here[run] == 0:
                    continue
                count, here[run] = here[run], 0
                if judged:
                    matches[i] += min(count, second[run] if owner[run] == i else most[run])
                elif count > most[run]:
                    second[run], most[run], owner[run] = most[run], count, i
                else:
                    second[run] = max(second[run], count)
    return matches


@kernel(_FLOAT(I32, _INT, _FLOAT))
def count_stretches(words: NDArray[np.int32], different: int, floor: float) -> float:
    """Count the stretches of words that end where their share of different words falls to `floor`.

    The last one, which does not end, counts as far as it fell: McCarthy and Jarvis 2010, forward.

    >>> float(count_stretches(np.array([0, 1, 0, 2, 3], np.int32), 4, 0.72))
    1.0
    """
    last, start, count, kinds = np.full(different, -1, np.int64), 0, 0.0, 0
    for i in range(len(words)):
        kinds += last[words[i]] < start
        last[words[i]] = i
        if kinds / (i + 1 - start) <= floor:
            start, count, kinds = i + 1, count + 1, 0
    if start < len(words):
        count += (1 - kinds / (len(words) - start)) / (1 - floor)
    return count
