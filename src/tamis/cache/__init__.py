"""What was computed before, in a folder: rows by what they hold, neighbours by what all rows hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import polars as pl
import xxhash

from tamis.cache.parts import Parts, keep_newest, tidy
from tamis.cache.rows import RowCache
from tamis.cache.versions import fingerprint, is_known
from tamis.corpus import Corpus
from tamis.measure import Measured
from tamis.packed import Packed
from tamis.recipe import Recipe
from tamis.records.reader import Batch
from tamis.verdicts import SKETCHES, corpus_signals

_READ: Final = 64 << 20
CORPORA_KEPT: Final = 4  # a few megabytes each; they are the states between which somebody goes to and fro


class Cache:
    """A folder of values, for one recipe; `measure` and `corpus_signals` take the place of those functions.

    Values of models that are functions of the caller's are not kept: nothing tells that they have changed.
    """

    def __init__(
        self, folder: Path, recipe: Recipe, measure: Callable[[Batch], Measured], *, show_sensitive: bool
    ) -> None:
        self.folder = folder
        self.recipe = recipe
        signals = recipe.signals_of("row")
        place = folder / "rows" / fingerprint(recipe, signals, show_sensitive)[:16]
        self.rows = RowCache(place, recipe, measure) if is_known(recipe, signals) else None
        self.measure = measure if self.rows is None else self.rows.measure
        self.corpora = Parts(folder / "corpus")
        self.neighbours = "computed"

    def corpus_signals(
        self, rows: pl.DataFrame, recipe: Recipe, corpus: Corpus | None
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """What `tamis.verdicts.corpus_signals` returns; read where nothing that it looks at has changed."""
        signals = [*recipe.signals_of("corpus"), *recipe.signals_of("pairs")]
        if corpus is None or not is_known(recipe, signals):
            return corpus_signals(rows, recipe, corpus)
        key = _corpus_key(fingerprint(recipe, signals), rows, corpus)
        for name in self.corpora.names(key):
            if (outcome := self.corpora.read(name)) is not None:
                self.neighbours = "known"
                corpus.facts |= orjson.loads(outcome["facts"][0])
                return _unfolded(outcome, "rows"), _unfolded(outcome, "pairs")
        columns, pairs = corpus_signals(rows, recipe, corpus)
        facts = pl.DataFrame({"facts": [orjson.dumps(corpus.facts)]})
        self.corpora.add(pl.concat([_folded(columns, "rows"), _folded(pairs, "pairs"), facts], how="horizontal"), key)
        keep_newest(self.corpora.folder, CORPORA_KEPT)
        return columns, pairs

    def finish(self) -> dict[str, Any]:
        """Remove what no run has used for a month; tell how much was known."""
        tidy(self.folder)
        rows = self.rows
        return {
            "rows_known": 0 if rows is None else rows.n_known,
            "rows_measured": None if rows is None else rows.n_measured,
            "neighbours": self.neighbours,
            "damaged": len(self.corpora.damaged) + (0 if rows is None else len(rows.parts.damaged)),
        }


def _corpus_key(signals: str, rows: pl.DataFrame, corpus: Corpus) -> str:
    """A hash of all that corpus signals see: the texts, what is known of each row, and the order of keeping."""
    digest = xxhash.xxh3_128(signals.encode())
    for texts in (corpus.prompts, corpus.responses):
        digest.update(texts.offsets.data)
        for start in range(0, len(texts.data), _READ):
            digest.update(texts.data[start : start + _READ].data)
            texts.let_go()
    digest.update(np.ascontiguousarray(corpus.order).data)
    for column in rows.select(SKETCHES):
        numbers = Packed.of(column.bin.encode("hex")).data if column.dtype == pl.Binary else column.to_numpy()
        digest.update(numbers.data)
    return str(digest.hexdigest())


def _folded(frame: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """A frame as one line of lists, so that frames of several lengths fit one file."""
    return frame.select(pl.all().implode().name.prefix(f"{prefix}:"))


def _unfolded(line: pl.DataFrame, prefix: str) -> pl.DataFrame:
    """The frame that was folded."""
    names = [name for name in line.columns if name.startswith(f"{prefix}:")]
    return pl.DataFrame([line[name][0].alias(name.partition(":")[2]) for name in names])
