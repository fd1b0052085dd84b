"""Rows that were measured before are not measured again: their values and evidence are kept by what they hold."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis.cache.parts import Parts
from tamis.inputs import Inputs
from tamis.measure import EVIDENCE, FINDINGS, PLACE, Measured, findings_of, fired
from tamis.packed import Packed, text_keys
from tamis.recipe import Recipe
from tamis.records.reader import Batch
from tamis.records.table import Records

HIGH, LOW, TOLD = "_key_high", "_key_low", "_evidence"
_FIELDS: Final = ("source_schema", "context", "tools", "label")
_PARTS_HELD: Final = 8

Keys = NDArray[np.uint64]


def row_keys(records: Records) -> Keys:
    """A 128-bit hash (XXH3) of all that row signals see of each row: uint64 of shape (n, 2).

    Where the row stands is left out, white space is not: two rows of one key have the same values.
    """
    told = pl.struct(pl.exclude("row", "weight"), pl.col("weight").cast(pl.String))  # JSON knows no NaN
    turns = Packed.of(records.turns.select(told.struct.json_encode()).to_series())
    fields = Packed.of(records.rows.select(pl.struct(_FIELDS).struct.json_encode()).to_series())
    n = len(records)
    ends = np.searchsorted(records.turns["row"].to_numpy(), np.arange(n + 1))
    both = np.hstack([text_keys(Packed(turns.offsets[ends], turns.data)), text_keys(fields)])
    return text_keys(Packed(np.arange(0, 32 * (n + 1), 32), both.view(np.uint8).reshape(-1)))


class RowCache:
    """Measures batches: rows that are known are read, the others measured and kept, a part a batch.

    What is kept depends on no threshold: values, and for rows that a rule hit the evidence, which is the turn with
    the highest (or lowest) value. A row that a changed rule hits for the first time is measured again for it.
    """

    def __init__(self, folder: Path, recipe: Recipe, measure: Callable[[Batch], Measured]) -> None:
        self.parts = Parts(folder)
        self.recipe = recipe
        self.n_known = self.n_measured = 0
        self._measure = measure
        self._rules = recipe.rules_on("row")
        self._count = threading.Lock()
        self._read = lru_cache(_PARTS_HELD)(self.parts.read)
        self._names = self.parts.names()
        self._index = self._indexed()

    def _indexed(self) -> tuple[Keys, NDArray[np.int64]]:
        """The keys in order, and the part and position of each; of equal keys the one with most evidence is first."""
        keys, places, told = [np.zeros((0, 2), np.uint64)], [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
        for part, name in enumerate(self._names):
            frame = self.parts.read(name, [HIGH, LOW, TOLD])
            if frame is not None:
                keys.append(frame.select(HIGH, LOW).to_numpy())
                places.append(np.stack([np.full(frame.height, part), np.arange(frame.height)], axis=1))
                told.append(frame[TOLD].list.len().fill_null(0).cast(pl.Int64).to_numpy())
        key, place = np.concatenate(keys), np.concatenate(places)
        order = np.lexsort((-np.concatenate(told), key[:, 1], key[:, 0]))
        return np.ascontiguousarray(key[order]), place[order]

    def measure(self, batch: Batch) -> Measured:
        """What `tamis.measure.measure` returns for the batch."""
        keys = row_keys(batch.records)
        position, kept = self._known(keys)
        rows = pl.concat([batch.records.rows.select(PLACE)[position], kept], how="horizontal")
        findings, lacking = self._findings(rows)
        fresh = np.ones(len(keys), np.bool_)
        fresh[position[~lacking]] = False
        with self._count:
            self.n_measured += int(fresh.sum())
            self.n_known += int((~fresh).sum())
        if fresh.all():
            measured = self._measure(batch)
            self._keep(keys, measured)
            return measured
        parts, found = [rows.filter(pl.Series(~lacking)).drop(TOLD)], [findings]
        if fresh.any():
            measured = self._measure(replace(batch, records=batch.records.only(fresh)))
            self._keep(keys[fresh], measured)
            parts.append(measured.rows)
            found.append(measured.findings)
        sides = Inputs(batch.records).sides if self.recipe.compares_texts else None
        return Measured(pl.concat(parts).sort("row"), batch.unreadable, pl.concat(found), batch.consumed, sides)

    def _known(self, keys: Keys) -> tuple[NDArray[np.int64], pl.DataFrame]:
        """The positions of rows that are known, and what is known of them (no column where there is none)."""
        known, place = self._index
        at = np.searchsorted(known[:, 0], keys[:, 0])
        inside = np.flatnonzero(at < len(known))
        inside = inside[(known[at[inside]] == keys[inside]).all(axis=1)]
        places = place[at[inside]]
        positions, frames = [np.zeros(0, np.int64)], []
        for part in np.unique(places[:, 0]):
            frame = self._read(self._names[part])
            if frame is not None:  # otherwise it went since the start
                mine = places[:, 0] == part
                positions.append(inside[mine])
                frames.append(frame.drop(HIGH, LOW)[places[mine, 1]])
        position = np.concatenate(positions)
        if not frames:
            return position, pl.DataFrame()
        order = np.argsort(position)
        return position[order], pl.concat(frames)[order]

    def _findings(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
        """The findings of known rows, and which rows lack evidence for one, so that they must be measured again."""
        lacking = np.zeros(rows.height, np.bool_)
        if not rows.height:
            return pl.DataFrame(schema=FINDINGS), lacking
        told = rows.select(TOLD, position=pl.int_range(pl.len())).drop_nulls(TOLD).explode(TOLD).unnest(TOLD)
        found = []
        for rule, hits in fired(self._rules, rows):
            mine = told.filter(signal=rule.signal, low=rule.looks_low).with_columns(is_told=True)
            evidence = pl.DataFrame({"position": hits}).join(mine, on="position", how="left", maintain_order="left")
            lacking[hits[evidence["is_told"].is_null().to_numpy()]] = True
            found.append(findings_of(rule, rows[hits], evidence))
        findings = pl.concat([pl.DataFrame(schema=FINDINGS), *found])
        return findings.filter(~pl.col("row").is_in(rows["row"].filter(pl.Series(lacking)).implode())), lacking

    def _keep(self, keys: Keys, measured: Measured) -> None:
        """Write what was measured as a part."""
        if not len(keys):
            return
        low = [rule.name for rule in self._rules if rule.looks_low]
        told = measured.findings.select("row", "signal", pl.col("rule").is_in(low).alias("low"), *EVIDENCE)
        told = told.unique(["row", "signal", "low"], maintain_order=True)
        told = told.group_by("row", maintain_order=True).agg(pl.struct(pl.exclude("row")).alias(TOLD))
        rows = measured.rows.join(told, on="row", how="left", maintain_order="left").drop(PLACE)
        self.parts.add(rows.with_columns(pl.Series(HIGH, keys[:, 0]), pl.Series(LOW, keys[:, 1])))
