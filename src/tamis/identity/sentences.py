"""Texts cut into sentences, and those of them that use the words of a list."""

from __future__ import annotations

from typing import Final

import polars as pl

_END: Final = r"([.!?][\"'”’)\]]*)\s+|\s*\n\s*"
_CUT: Final = "\u2028"  # a line separator that texts all but never hold


def sentences(texts: pl.Series) -> pl.DataFrame:
    """A line a sentence: `text`, and the `row` of the text it stands in.

    A sentence ends at a full stop, question or exclamation mark with white space after it, or at a line break; so
    "Dr. Smith" is cut in two.

    >>> sentences(pl.Series(["She came. He left!", "So"])).rows()
    [(0, 'She came.'), (0, 'He left!'), (1, 'So')]
    """
    cut = texts.str.replace_all(_END, "${1}" + _CUT).str.split(_CUT)
    frame = pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": cut})
    return frame.explode("text").filter(pl.col("text") != "")
