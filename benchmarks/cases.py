"""What is timed: tasks, the data they are done on, and who does them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.environments import python_of, runner_of

HERE = Path(__file__).parent
TAMIS = str(Path(sys.executable).with_name("tamis"))

TASKS = {
    "read": "Iterate the file to its end in batches of records; imports are not timed. "
    "orjson: `orjson.loads` on each line, nothing kept. polars: `read_ndjson` into one frame.",
    "audit-rows": "`tamis audit FILE -o DIR --no-report` with the default recipe less its corpus signals, "
    "from the start of the process to its end.",
    "audit": "`tamis audit FILE -o DIR` with the default recipe, from the start of the process to its end.",
    "prune": "`tamis prune --audit DIR -o FILE` from a finished audit of the row signals, "
    "from the start of the process to its end. cp: a plain copy of the file.",
    "peers": "The same first rows, from the start of the process to its end: "
    "`tamis audit FILE -o DIR` with the default recipe, and each peer. cleanllm gets the rows as its own `convert` "
    "writes them, which is not timed: it does not look at `instruction` and `output`.",
    "lexical": "From strings to a verdict a row: rows whose word 3-grams have a Jaccard similarity of 0.7 with "
    "another's; guard and template discount off; imports and reading are not timed. tamis verifies every pair.",
    "embed": "From strings to unit vectors of the static table. tokenizers: Hugging Face's Rust tokenizer on all "
    "cores and the mean of the same rows by torch's EmbeddingBag.",
    "semantic": "From strings to the rows that go: the static table, cosine 0.9. SemHash: model2vec's StaticModel on "
    "the same table and its own search.",
}
RESULTS_OF = {"lexical": "duplicates", "embed": "duplicates", "semantic": "duplicates"}
"""The file of figures that a task goes to; `audit` for all others."""


@dataclass(frozen=True)
class Place:
    """The files of one measurement: the data, what `prepare` left, and a folder emptied before each run."""

    data: Path
    prepared: Path
    out: Path


Command = Callable[[Place], list[str]]


@dataclass(frozen=True)
class Tool:
    """Somebody who does a task; `prepare` runs once before anything is timed."""

    name: str
    command: Command
    prepare: Command | None = None


@dataclass(frozen=True)
class Case:
    """A task on the first `rows` of a dataset (None: on all of it), done by us and by rivals in turn."""

    task: str
    data: str
    ours: Tool
    rivals: tuple[Tool, ...] = ()
    rows: int | None = None
    clock: Literal["process", "work"] = "process"

    @property
    def name(self) -> str:
        """Such as `peers/large/finelint`."""
        named = self.task == "peers" or self.task in RESULTS_OF
        parts = [self.task, self.data, *(rival.name for rival in self.rivals if named)]
        return "/".join(parts)


def reader(name: str) -> Tool:
    runner = str(runner_of("read"))
    return Tool(name, lambda place: [sys.executable, runner, name, str(place.data)])


def peer(name: str, environment: str, *options: str) -> Tool:
    runner = str(runner_of(environment))
    return Tool(
        name,
        lambda place: [str(python_of(environment)), runner, str(place.data), str(place.out), *options],
    )


def audit_into(folder: Path, place: Place, *options: str) -> list[str]:
    return [TAMIS, "audit", str(place.data), "-o", str(folder), "--quiet", *options]


AUDIT = Tool("tamis", lambda place: audit_into(place.out / "audit", place))


def row_recipe(place: Place) -> str:
    return str(place.prepared / "row-only.toml")


def write_row_recipe(place: Place, *command: str) -> list[str]:
    return [sys.executable, str(HERE / "row_only.py"), row_recipe(place), *command]


AUDIT_ROWS = Tool(
    "tamis",
    lambda place: audit_into(place.out / "audit", place, "--recipe", row_recipe(place), "--no-report"),
    prepare=write_row_recipe,
)
PRUNE = Tool(
    "tamis",
    lambda place: [
        TAMIS, "prune", "--audit", str(place.prepared / "audit"),
        "-o", str(place.out / "clean.jsonl"), "--quiet",
    ],
    prepare=lambda place: write_row_recipe(
        place, *audit_into(place.prepared / "audit", place, "--recipe", row_recipe(place))
    ),
)  # fmt: skip
COPY = Tool("cp", lambda place: ["cp", str(place.data), str(place.out / "copy.jsonl")])


def ours(script: str, *options: str) -> Tool:
    """A runner of tamis itself."""
    runner = str(runner_of(script))
    return Tool("tamis", lambda place: [sys.executable, runner, str(place.data), str(place.out), *options])


TABLE = str(HERE.parent / "src" / "tamis" / "models" / "static_table" / "static.npz")
TOKENIZERS = str(runner_of("tokenizers"))
FIELD_OF = {"large": "output", "short": "instruction"}


def against(task: str, data: str, rival: str, rows: int | None = None) -> Case:
    """A task of `duplicates`, done by tamis and a rival on one field."""
    field = FIELD_OF[data]
    if task == "lexical":
        return Case(task, data, ours(task, field, "0.7"), (peer(rival, rival, field, "0.7"),), rows, "work")
    if task == "semantic":
        return Case(task, data, ours(task, field), (peer(rival, rival, field, TABLE),), rows, "work")
    embed = str(runner_of("embed"))
    own = Tool("tamis", lambda place: [sys.executable, embed, str(place.data), field])
    return Case(
        task,
        data,
        own,
        (Tool(rival, lambda place: [sys.executable, TOKENIZERS, str(place.data), field]),),
        rows,
        "work",
    )


DATASETS = ("large", "large_1gb", "short", "chats")
READERS = (reader("orjson"), reader("polars"))
LLM_SANITIZER_PRO = peer("llm-sanitizer-pro", "llm-sanitizer-pro")
FINELINT = peer("finelint", "finelint")
MODELBREW = peer("modelbrew-cleaner", "modelbrew-cleaner")


def as_chatml(place: Place) -> str:
    return str(place.prepared / "chatml.jsonl")


_CLEANLLM = [str(python_of("cleanllm")), str(runner_of("cleanllm"))]
CLEANLLM = Tool(
    "cleanllm",
    lambda place: [*_CLEANLLM, as_chatml(place), str(place.out)],
    prepare=lambda place: [*_CLEANLLM, str(place.data), as_chatml(place), "--convert"],
)
DATATROVE = peer("datatrove", "datatrove")
DATATROVE_PLAIN = peer("datatrove, plain words", "datatrove", "--plain-words")

# Rows of each dataset that a peer is given: as many as it can do in ten seconds to a minute; None is all.
PEER_ROWS: tuple[tuple[Tool, dict[str, int | None]], ...] = (
    (LLM_SANITIZER_PRO, {"large": None}),
    (FINELINT, {"large": 2_000}),
    (MODELBREW, {"large": 2_000}),
    (CLEANLLM, {"large": 10_000}),
    (DATATROVE, {"large": 2_000}),
    (DATATROVE_PLAIN, {"large": 10_000}),
)

CASES: tuple[Case, ...] = (
    *(Case("read", data, reader("tamis"), READERS, clock="work") for data in DATASETS),
    *(Case("audit-rows", data, AUDIT_ROWS) for data in DATASETS),
    *(Case("audit", data, AUDIT) for data in DATASETS),
    *(Case("prune", data, PRUNE, (COPY,)) for data in DATASETS),
    *(Case("peers", data, AUDIT, (tool,), n) for tool, rows in PEER_ROWS for data, n in rows.items()),
    against("lexical", "large", "rensa"),
    against("lexical", "short", "rensa"),
    against("lexical", "large", "datasketch", 10_000),
    against("embed", "large", "tokenizers", 20_000),
    against("embed", "short", "tokenizers", 100_000),
    against("semantic", "large", "semhash", 20_000),
    against("semantic", "short", "semhash"),
)
