"""Reads the texts from which the sample datasets are made.

A record in `material/<dataset>/*.txt` looks like this; `|` parts and `!` lines are optional:

    === key | source | option, option
    ! fault_name: what was planted, where {other-key} stands for the row of another record
    @prompt What is the answer?
    @answer Forty-two.

What cannot be seen or typed is spelled out: `<U+200B>`, `<byte E9>`, `<repeat 20: the same again. >`.
"""

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

MATERIAL = Path(__file__).parent / "material"

FIELD = re.compile(
    r"^@(prompt|input|answer|context|chosen|rejected|raw"
    r"|system|user|assistant|think|call|result|moderator|narrator|critic)\b *",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Fault:
    """One planted fault; the name `none` marks a near-miss that is fine."""

    name: str
    note: str


@dataclass(frozen=True)
class Field:
    """One labelled text of a record: a column or a turn."""

    name: str
    text: str


@dataclass(frozen=True)
class Record:
    """One row-to-be, in the order and with the faults it was written with."""

    key: str
    source: str
    options: frozenset[str]
    faults: tuple[Fault, ...]
    fields: tuple[Field, ...]

    def text(self, name: str) -> str:
        """The text of the first field called `name`; empty if there is none."""
        return next((field.text for field in self.fields if field.name == name), "")


def read_records(dataset: str) -> list[Record]:
    """All records of a dataset, mixed in an order that depends on their keys alone.

    A copy always stands after the record it copies.
    """
    blocks = [
        block
        for path in sorted((MATERIAL / dataset).glob("*.txt"))
        for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    ]
    records = {record.key: record for record in map(_parse, blocks)}
    if len(records) != len(blocks):
        raise ValueError(f"{dataset}: a key is used twice")

    order = sorted(records, key=lambda key: sha256(key.encode()).digest())
    for key, record in records.items():
        original = _original(record)
        if original is None:
            continue
        here, there = order.index(key), order.index(original)
        if here < there:
            order[here], order[there] = original, key
        records[key] = _copy(record, records[original])
    return [records[key] for key in order]


def _parse(block: str) -> Record:
    header, _, rest = block.partition("\n")
    key, source, options = [*(part.strip() for part in header.split("|")), "", ""][:3]

    head, *parts = FIELD.split(rest)
    fields = tuple(Field(name, _spell(text.strip())) for name, text in zip(parts[::2], parts[1::2], strict=True))
    notes = [re.fullmatch(r"! (\w+): (.+)", line) for line in head.splitlines() if line]
    if None in notes:
        raise ValueError(f"{key}: only `! fault: note` lines may stand before the first field")
    faults = tuple(Fault(*note.groups()) for note in notes if note)
    return Record(key, source, frozenset(filter(None, options.split(", "))), faults, fields)


def _spell(text: str) -> str:
    """Replace the spelled-out marks; a byte becomes a lone surrogate (`surrogateescape`)."""
    text = re.sub(r"<repeat (\d+): (.+?)>", lambda m: (m[2] * int(m[1])).rstrip(), text, flags=re.DOTALL)
    text = re.sub(r"<U\+([0-9A-F]{4})>", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"<byte ([0-9A-F]{2})>", lambda m: chr(0xDC00 + int(m[1], 16)), text)


def _original(record: Record) -> str | None:
    return next((option.removeprefix("same as ") for option in record.options if option.startswith("same as ")), None)


def _copy(record: Record, original: Record) -> Record:
    fields = original.fields
    if "respaced" in record.options:
        fields = tuple(replace(field, text=field.text.replace(". ", ".  ") + "\n") for field in fields)
    return replace(record, fields=fields)
