"""Vectors on disk: computed once, found again, never mixed up, never broken by what happens beside."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.models.embedders import CachedEmbedder, load
from tamis.packed import Packed, text_keys
from tests.kernels import strategies


class Counting:
    """An embedder that remembers what it was asked for."""

    def __init__(self, name: str = "counting", dimension: int = 5) -> None:
        self.name, self.dimension = name, dimension
        self.asked: list[str] = []

    def encode(self, texts: Packed) -> NDArray[np.float32]:
        keys = text_keys(texts)
        data = texts.data.tobytes()
        self.asked += [data[a:b].decode() for a, b in zip(texts.offsets[:-1], texts.offsets[1:], strict=True)]
        random = [np.random.default_rng(key.tolist()).standard_normal(self.dimension) for key in keys]
        rows = np.array(random, np.float32).reshape(-1, self.dimension)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_each_text_is_computed_once_and_only_what_is_missing(tmp_path: Path) -> None:
    inner = Counting()
    cached = CachedEmbedder(inner, tmp_path)
    first = cached.encode(Packed.of(["b", "a", "b", ""]))
    assert inner.asked == ["b", "a", ""]
    second = CachedEmbedder(inner, tmp_path).encode(Packed.of(["c", "a", "b", "c"]))
    assert inner.asked == ["b", "a", "", "c"]
    assert np.array_equal(first[[1, 0]], second[[1, 2]])
    assert cached.notices == []


@given(st.lists(st.lists(strategies.text, max_size=6), max_size=4))
def test_cached_equals_uncached(tmp_path_factory: pytest.TempPathFactory, calls: list[list[str]]) -> None:
    folder, inner = tmp_path_factory.mktemp("cache"), Counting()
    for texts in calls:
        found = CachedEmbedder(inner, folder).encode(Packed.of(texts))
        assert np.array_equal(found, Counting().encode(Packed.of(texts)))
    assert len(inner.asked) == len(set(inner.asked)) == len({text for texts in calls for text in texts})


def test_white_space_counts(tmp_path: Path) -> None:
    inner = Counting()
    CachedEmbedder(inner, tmp_path).encode(Packed.of(["a b", "a  b", "a b "]))
    assert len(inner.asked) == 3


def test_other_names_are_other_vectors(tmp_path: Path) -> None:
    one, other = Counting("one"), Counting("one 2")
    CachedEmbedder(one, tmp_path).encode(Packed.of(["a"]))
    CachedEmbedder(other, tmp_path).encode(Packed.of(["a"]))
    assert one.asked == other.asked == ["a"]


def test_half_the_bytes_gives_the_same_vectors_first_and_later(tmp_path: Path) -> None:
    texts = Packed.of([f"text {n}" for n in range(50)])
    first = CachedEmbedder(Counting(), tmp_path, numbers="float16").encode(texts)
    inner = Counting()
    again = CachedEmbedder(inner, tmp_path, numbers="float16").encode(texts)
    assert inner.asked == []
    assert np.array_equal(first, again)
    assert np.abs(first - Counting().encode(texts)).max() < 1e-3
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-6)


def test_another_dimension_is_an_error(tmp_path: Path) -> None:
    CachedEmbedder(Counting(dimension=5), tmp_path).encode(Packed.of(["a"]))
    with pytest.raises(TamisError, match="has vectors of dimension 5, and embedder 'counting' gives 6"):
        CachedEmbedder(Counting(dimension=6), tmp_path).encode(Packed.of(["a"]))


@pytest.mark.parametrize("which", ["keys", "vectors"])
@pytest.mark.parametrize("damage", ["cut", "empty", "gone", "other"])
def test_a_damaged_segment_is_computed_anew_with_a_notice(tmp_path: Path, which: str, damage: str) -> None:
    texts = Packed.of(["a", "b"])
    expected = CachedEmbedder(Counting(), tmp_path).encode(texts)
    (file,) = tmp_path.rglob(f"{which}-*.npy")
    content = file.read_bytes()
    changes = {"cut": content[:-7], "empty": b"", "other": b"not an array at all"}
    file.unlink() if damage == "gone" else file.write_bytes(changes[damage])
    inner = Counting()
    cached = CachedEmbedder(inner, tmp_path)
    assert np.array_equal(cached.encode(texts), expected)
    assert inner.asked == ["a", "b"]
    assert len(cached.notices) == (0 if (which, damage) == ("keys", "gone") else 1)


def test_a_damaged_vector_is_computed_anew(tmp_path: Path) -> None:
    texts = Packed.of(["a", "b"])
    expected = CachedEmbedder(Counting(), tmp_path).encode(texts)
    (file,) = tmp_path.rglob("vectors-*.npy")
    content = bytearray(file.read_bytes())
    content[-4:] = b"\xff\xff\xff\xff"  # NaN
    file.write_bytes(content)
    inner = Counting()
    cached = CachedEmbedder(inner, tmp_path)
    assert np.array_equal(cached.encode(texts), expected)
    assert len(inner.asked) == 1
    assert "1 damaged vectors" in cached.notices[0]


def test_a_damaged_head_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    CachedEmbedder(Counting(), tmp_path).encode(Packed.of(["a"]))
    (file,) = tmp_path.rglob("cache.json")
    for content in (b"{", b"[]", b'{"schema": 99, "dimension": 5}', b'{"schema": 1}'):
        file.write_bytes(content)
        with pytest.raises(TamisError, match="delete the folder"):
            CachedEmbedder(Counting(), tmp_path).encode(Packed.of(["a"]))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TamisError, match="cannot be used"):
        CachedEmbedder(Counting(), tmp_path / "file").encode(Packed.of(["a"]))


def fill(folder: Path, start: int) -> None:
    for step in range(20):
        CachedEmbedder(Counting(), folder).encode(Packed.of([f"{n}" for n in range(start + step, start + step + 9)]))


@pytest.mark.slow
def test_processes_at_once_leave_a_whole_cache(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    running = [spawn.Process(target=fill, args=(tmp_path, start)) for start in (0, 5, 10)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    assert [each.exitcode for each in running] == [0, 0, 0]
    texts, inner = Packed.of([f"{n}" for n in range(38)]), Counting()
    cached = CachedEmbedder(inner, tmp_path)
    assert np.array_equal(cached.encode(texts), Counting().encode(texts))
    assert (inner.asked, cached.notices) == ([], [])
    assert not list(tmp_path.rglob("*.part"))


def test_a_function_is_cached_under_a_given_name_only(tmp_path: Path) -> None:
    calls: list[int] = []

    def lengths(texts: list[str]) -> list[list[float]]:
        calls.append(len(texts))
        return [[len(text), 1.0] for text in texts]

    with pytest.raises(TamisError, match="name="):
        load(lengths, cache=tmp_path)
    texts = Packed.of(["a", "bb"])
    one = load(lengths, cache=tmp_path, name="lengths 1").encode(texts)
    before = len(calls)
    assert np.array_equal(load(lengths, cache=tmp_path, name="lengths 1").encode(texts), one)
    assert calls[before:] in ([], [1])  # asked for its dimension at most
