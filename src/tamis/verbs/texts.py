"""The texts of some rows of an audit, read again from where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from tamis.inputs import Inputs
from tamis.packed import Packed
from tamis.records.reader import Reading, as_frame, read_batches
from tamis.results import AuditResult, source_of

Texts = Mapping[int, tuple[str, str]]


def texts_of(found: AuditResult, rows: Iterable[int]) -> Texts:
    """The prompt and the response of rows by number; a number below 0 is a row of the reference set."""
    texts: dict[int, tuple[str, str]] = {}
    wanted = set(rows)
    own = {row for row in wanted if row >= 0}
    others = {-1 - row for row in wanted if row < 0}
    reading = Reading(found.facts["reading"]["schema"], found.facts["reading"]["mapping"], found.facts["by"])
    if own:
        frame = as_frame(found.table)
        for batch in read_batches(found.sources if frame is None else frame, reading, own.__contains__):
            texts.update(zip(batch.records.rows["row"], _sides(Inputs(batch.records)), strict=True))
    if others:
        files = [source_of(file) for file in found.facts["against"] if "path" in file]
        for batch in read_batches(files, Reading(), others.__contains__):
            numbers = (-1 - row for row in batch.records.rows["row"])
            texts.update(zip(numbers, _sides(Inputs(batch.records)), strict=True))
    return {row: texts.get(row, ("", "")) for row in wanted}


def _sides(inputs: Inputs) -> Iterable[tuple[str, str]]:
    prompts, responses = map(_strings, inputs.sides)
    return zip(prompts, responses, strict=True)


def _strings(packed: Packed) -> list[str]:
    data, ends = packed.data.tobytes(), packed.offsets.tolist()
    return [data[start:stop].decode("utf-8", "replace") for start, stop in pairwise(ends)]
