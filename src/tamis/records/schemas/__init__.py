"""Which shape a row has: one file a family of schemas, tried in a fixed order.

A schema is chosen row by row, since rows of one file may differ. Which schemas a row may have depends on
its keys alone (and is remembered for them); whether one fits is decided by reading the values. The order
is fixed, so the answer depends on neither the rows before nor the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tamis.errors import TamisError, unknown
from tamis.masking import mask
from tamis.records.builder import Builder, Misfit
from tamis.records.raw import Unreadable
from tamis.records.schemas import chat, pairs, pairwise, preference, stepwise, text
from tamis.records.schemas._schema import Read, Schema

SCHEMAS: tuple[Schema, ...] = (
    *preference.SCHEMAS,
    *stepwise.SCHEMAS,
    *chat.SCHEMAS,
    *pairwise.SCHEMAS,
    *pairs.SCHEMAS,
    *text.SCHEMAS,
)
FIELDS = frozenset(name for schema in SCHEMAS for name in schema.fields)


MOST_SHAPES = 4096
"""Sets of field names that are remembered; rows made of random keys must not fill the memory."""


class Detector:
    """Reads rows by whichever schema fits, or by the one given.

    `mapping` renames fields before that: `{"instruction": "question"}` takes the instruction from `question`.
    """

    def __init__(self, schema: str | None = None, mapping: Mapping[str, str] | None = None) -> None:
        self._schemas = SCHEMAS if schema is None else tuple(s for s in SCHEMAS if s.name == schema)
        if not self._schemas:
            raise unknown("schema", str(schema), (s.name for s in SCHEMAS))
        for target in mapping or {}:
            if target not in FIELDS:
                raise unknown("field in --map", target, FIELDS)
        self._mapping = dict(mapping or {})
        self._by_keys: dict[tuple[str, ...], list[tuple[str, Read]]] = {}

    def read_all(self, rows: list[Any], out: Builder) -> bool:
        """Read rows of one plain shape all at once, to the same effect as `read` on each; False if they are not."""
        if self._mapping or {*map(type, rows)} != {dict} or len({*map(tuple, rows)}) != 1:
            return False
        names = rows[0].keys()
        first = next((schema for schema in self._schemas if schema.keys(names)), None)
        read = first.bind_all(names) if first is not None and first.bind_all is not None else None
        if first is None or read is None or not read(rows, out):
            return False
        out.finish_all(first.name, len(rows))
        return True

    def read(self, row: Any, out: Builder) -> str | Unreadable:
        """Add the row's turns to `out`; the name of the schema that fitted, or why none did."""
        if type(row) is not dict:
            return (
                row if isinstance(row, Unreadable) else Unreadable(f"a row must be a JSON object, found {_kind(row)}")
            )
        if self._mapping:
            row = renamed(row, self._mapping)
        keys = tuple(row)
        candidates = self._by_keys.get(keys)
        if candidates is None:
            names = row.keys()
            if len(self._by_keys) >= MOST_SHAPES:
                self._by_keys.clear()
            candidates = self._by_keys[keys] = [(s.name, s.bound(names)) for s in self._schemas if s.keys(names)]
        misfits = []
        for name, read in candidates:
            try:
                read(row, out)
            except Misfit as misfit:
                out.abandon()
                misfits.append(f"{name}: {misfit}")
            else:
                return name
        shown = ", ".join(mask(str(key)[:60]) for key in keys[:8]) + (", ..." if len(keys) > 8 else "")
        why = f" ({'; '.join(misfits)})" if misfits else ""
        return Unreadable(f"no known schema fits the fields {shown}{why}; --map or --schema can say what they are")


def _kind(value: Any) -> str:
    kinds = {list: "an array", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def renamed(row: dict[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    """The row with the mapped fields under tamis' names, and what they displace left out."""
    taken = {target: row[source] for target, source in mapping.items() if source in row}
    kept = {key: value for key, value in row.items() if key not in mapping.values() and key not in taken}
    return {**taken, **kept}


def parse_mapping(pairs: list[str]) -> dict[str, str]:
    """`["instruction=question"]` as a mapping from tamis' name to the file's.

    >>> parse_mapping(["instruction=question"])
    {'instruction': 'question'}
    """
    for pair in pairs:
        if "=" not in pair:
            raise TamisError(f"--map {pair}: write it as FIELD=COLUMN, for instance --map instruction=question")
    return dict(pair.split("=", 1) for pair in pairs)
