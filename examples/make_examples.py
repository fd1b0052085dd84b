"""Makes the sample datasets in `data/`, the list of what was planted in them, and this folder's README.

    python examples/make_examples.py

The texts and the faults are in `material/`, which is the only place to edit. Two runs give the same bytes.
Standard library only; `tickets.parquet` is written if pyarrow is installed and left as it is if not.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bank import Record, read_records
from shapes import Row, alpaca, as_written, openai, pair, preference, sharegpt, test_item, ticket

HERE = Path(__file__).parent
DATA = HERE / "data"

Write = Callable[[list[Record], Callable[[Record], Row]], bytes | None]


def jsonl(records: list[Record], shape: Callable[[Record], Row]) -> bytes:
    """One object a line; a record that has a `raw` text is that line, broken as it is."""
    lines = [record.text("raw") or json.dumps(shape(record), ensure_ascii=False) for record in records]
    return "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")


def json_array(records: list[Record], shape: Callable[[Record], Row]) -> bytes:
    """One array, indented."""
    return (json.dumps([shape(record) for record in records], ensure_ascii=False, indent=1) + "\n").encode()


def comma_separated(records: list[Record], shape: Callable[[Record], Row]) -> bytes:
    """A header and one record a row, in quotes where a text holds a comma, a quote or a line break."""
    rows = [shape(record) for record in records]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet(records: list[Record], shape: Callable[[Record], Row]) -> bytes | None:
    """A Parquet file with one string column a field; None if pyarrow is missing."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return None
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([shape(record) for record in records]), sink, compression="zstd")
    return sink.getvalue()


# file, material, shape, writer, what the README says about it
FILES: list[tuple[str, str, Callable[[Record], Row], Write, str]] = [
    ("support_mix.jsonl", "support_mix", alpaca, jsonl, "Alpaca: `instruction`, `input`, `output`, `source`"),
    ("chats.jsonl", "chats", openai, jsonl, "OpenAI `messages`: several turns, tools, reasoning"),
    ("dialogues.json", "dialogues", sharegpt, json_array, "ShareGPT `conversations` in a JSON array"),
    ("pairs.csv", "pairs", pair, comma_separated, "`prompt`, `completion`, `source`; line breaks in quotes"),
    ("preferences.jsonl", "preferences", preference, jsonl, "`prompt`, `chosen`, `rejected`"),
    ("tickets.parquet", "tickets", ticket, parquet, "`question`, `answer`, `context`"),
]

# file, material, writer, trainer: rows that a trainer rejects, blanks, cuts or does not learn from
FOR_TRAINERS: list[tuple[str, str, Write, str]] = [
    ("preflight_trl.jsonl", "preflight_trl", jsonl, "trl"),
    ("preflight_axolotl.jsonl", "preflight_axolotl", jsonl, "axolotl"),
    ("preflight_llama_factory.json", "preflight_llama_factory", json_array, "llama-factory"),
    ("preflight_unsloth.jsonl", "preflight_unsloth", jsonl, "unsloth"),
    ("preflight_openai.jsonl", "preflight_openai", jsonl, "openai"),
]

README = """\
# Sample datasets

{rows} rows in six files, all written for tamis. {faulty} of them are faulty, and it is known how.
The people, addresses and keys in them are made up.

| file | rows | faulty | what it is |
|---|---:|---:|---|
{files}

`planted.json` lists what was planted, as `file`, `row`, `line`, `fault`, `note`. Rows count from 0,
unreadable lines included; lines count from 1 and are given for JSONL only. A near-miss looks like a
fault and is none; its fault is `"none"`. A row that is not listed is meant to be clean.

| fault | {columns} | all |
|---|{rule}
{faults}

A duplicate is listed once, at the later row; conflicting and repeated answers are listed at every row.

## For `tamis preflight`

Rows that a trainer rejects, blanks, masks or cuts, at a limit of 256 tokens, with sound ones between them;
`preflight.json` lists what was planted.

| file | rows | faulty | |
|---|---:|---:|---|
{for_trainers}

## For `tamis decontaminate`

`data/benchmark.jsonl` is a small test set (`question`, `answer`). Two of its items leaked into `support_mix.jsonl`: one
word for word, into two rows, one with a few words changed.

All of this, this page included, is made by `python examples/make_examples.py` from the texts in `material/`.
Edit those and run it again.
"""


def planted(file: str, records: list[Record]) -> list[dict[str, Any]]:
    """Every planted fault and near-miss of a file, with the row it is in and, for JSONL, the line."""
    rows = {record.key: row for row, record in enumerate(records)}
    return [
        {
            "file": file,
            "row": row,
            "line": row + 1 if file.endswith(".jsonl") else None,
            "fault": fault.name,
            "note": re.sub(r"\{([a-z0-9-]+)\}", lambda match: f"row {rows[match[1]]}", fault.note),
        }
        for row, record in enumerate(records)
        for fault in record.faults
    ]


def readme(sizes: dict[str, int], entries: list[dict[str, Any]], for_trainers: list[str]) -> str:
    """The README of this folder."""
    faulty = {(entry["file"], entry["row"]) for entry in entries if entry["fault"] != "none"}
    files = [
        f"| `data/{file}` | {sizes[file]} | {sum(name == file for name, _ in faulty)} | {about} |"
        for file, *_, about in FILES
    ]
    counts = Counter((entry["fault"], entry["file"]) for entry in entries)
    names = sorted({entry["fault"] for entry in entries} - {"none"})
    table = [
        f"| {'near-miss: must not be flagged' if name == 'none' else f'`{name}`'} | "
        + " | ".join(str(counts[name, file] or "") for file in sizes)
        + f" | {sum(counts[name, file] for file in sizes)} |"
        for name in [*names, "none"]
    ]
    return README.format(
        rows=sum(sizes.values()),
        faulty=len(faulty),
        files="\n".join(files),
        columns=" | ".join(f"`{file}`" for file in sizes),
        rule="---:|" * (len(sizes) + 1),
        faults="\n".join(table),
        for_trainers="\n".join(for_trainers),
    )


def write_for_trainers() -> list[str]:
    """Write the files for preflight and the list of what was planted in them; their lines of the README."""
    entries: list[dict[str, Any]] = []
    lines = []
    for file, material, write, trainer in FOR_TRAINERS:
        records = read_records(material)
        (DATA / file).write_bytes(write(records, as_written) or b"")
        entries += planted(file, records)
        faulty = sum(bool(record.faults) for record in records)
        command = f"`tamis preflight examples/data/{file} --trainer {trainer} --max-length 256`"
        lines.append(f"| `data/{file}` | {len(records)} | {faulty} | {command} |")
    write_list(HERE / "preflight.json", entries)
    return lines


def write_list(path: Path, entries: list[dict[str, Any]]) -> None:
    """Write entries as a JSON array, one a line."""
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> None:
    """Write all files."""
    DATA.mkdir(exist_ok=True)
    sizes: dict[str, int] = {}
    entries: list[dict[str, Any]] = []
    for file, material, shape, write, _ in FILES:
        records = read_records(material)
        content = write(records, shape)
        if content is None:
            print(f"{file} left as it is: pyarrow is not installed")
        else:
            (DATA / file).write_bytes(content)
        sizes[file] = len(records)
        entries += planted(file, records)
    write_list(HERE / "planted.json", entries)
    (DATA / "benchmark.jsonl").write_bytes(jsonl(read_records("benchmark"), test_item))
    (HERE / "README.md").write_text(readme(sizes, entries, write_for_trainers()), encoding="utf-8")


if __name__ == "__main__":
    main()
