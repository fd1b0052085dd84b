"""What may be in a text: against the regular expressions that the kernel stands for."""

from __future__ import annotations

import re

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from tamis.kernels import traces
from tamis.packed import Packed
from tamis.sensitive import CARD, EMAIL, IBAN, IP, PHONE, SECRETS, find

KINDS = ((traces.EMAIL, EMAIL), (traces.PHONE, PHONE), (traces.CARD, CARD), (traces.IBAN, IBAN), (traces.IP, IP))
pieces = st.sampled_from([
    "jo@tamis.dev", "+44 20 7946 1958", "4532 2766 4457 7020", "DE44 5001 0517 5407 3249 31", "58.74.121.78", "é@é.de",
    "2001:4860:7:110e::d5", "4532-2766-4457-7020", "(415) 867-5309", "@", ":", "12", ".", " ", "DE", "a", "_", "\n",
])  # fmt: skip
text = st.lists(pieces, max_size=8).map("".join) | st.text(max_size=20)


def marks(*texts: str) -> list[int]:
    packed = Packed.of(texts)
    return traces.traces(packed.offsets, packed.data).tolist()


@given(texts=st.lists(text, max_size=5))
@example(texts=["ghp_9aK2mQx7Lr4TzV1bWc8Ny5Pd3Fs6Gh0Je2Ru"])
def test_whatever_is_found_leaves_its_trace(texts: list[str]) -> None:
    for said, bits in zip(texts, marks(*texts), strict=True):
        for bit, kind in KINDS:
            if re.search(kind.hint, said) and find(said, [kind]):
                assert bits & bit, (kind.name, said)


@given(texts=st.lists(text, max_size=5))
def test_a_text_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    assert marks(*texts) == [marks(said)[0] for said in texts]
    series = pl.Series(["x", *texts], dtype=pl.String).slice(1)
    packed = Packed.of(series)
    assert traces.traces(packed.offsets, packed.data).tolist() == marks(*texts)


def test_plain_text_leaves_none() -> None:
    assert marks("", "Nothing here: 12 apples, 3 pears.", "at 10:30", "a@ b", "2024-01") == [0] * 5


@given(value=st.from_regex(r"\A[A-Za-z0-9]{16,40}\Z"))
def test_a_long_word_of_letters_and_digits_is_a_key_perhaps(value: str) -> None:
    mixed = any(map(str.isdecimal, value)) and any(map(str.isalpha, value))
    assert bool(marks(f'"{value}"')[0] & traces.KEY) == mixed


def test_every_secret_of_a_known_format_leaves_a_trace() -> None:
    for said in (
        "glpat-x9Kq2mLw7RzT4vBn8YpA",
        "SG.x9Kq2mLw7RzT4vBn8YpAbc.x9Kq2mLw7RzT4vBn8YpAbcx9Kq2mLw7RzT4vBn8YpAbcd",
    ):
        assert find(said, SECRETS)
        assert marks(said)[0] & traces.KEY
