"""What linters find of the faults planted in `examples/`, and how many clean rows they flag beside.

python -m benchmarks.planted        writes results/planted.json (makes the peers' environments where missing)

The examples are tamis's own, written before most rules were; the faults are listed in examples/planted.json. Rows that
are not UTF-8 or JSON are left out, since not every peer survives them. Peers that name no rows (cleanllm's scan,
llm-sanitizer-pro) give counts only, and are in the table of peers.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import tamis
from benchmarks.environments import install, python_of, runner_of
from benchmarks.machine import describe, versions

ROOT = Path(__file__).parent.parent
FILES = ("support_mix.jsonl",)  # modelbrew-cleaner fails on chats.jsonl, whose tool turns have no text
PEERS = ("finelint", "modelbrew-cleaner")


def readable(name: str, folder: Path) -> tuple[Path, list[int]]:
    """A copy of an example without the lines that are no JSON object, and the original numbers of its rows."""
    kept = [(number, line) for number, line in enumerate((ROOT / "examples/data" / name).read_bytes().splitlines())]
    kept = [(number, line) for number, line in kept if _is_object(line)]
    copy = folder / name
    copy.write_bytes(b"\n".join(line for _, line in kept) + b"\n")
    return copy, [number for number, _ in kept]


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.decode("utf-8")), dict)
    except ValueError:
        return False


def flagged_by(tool: str, data: Path, folder: Path) -> set[int]:
    """The rows of a file that a tool finds fault with."""
    if tool == "tamis":
        return set(tamis.audit(data).findings["row"].to_list())
    if tool == "finelint":
        affected = folder / "affected.json"
        command = [str(python_of(tool).with_name("finelint")), "inspect", str(data)]
        options = ["--report", str(folder / "report.json"), "--affected-records", str(affected)]
        subprocess.run([*command, *options], capture_output=True, check=False)
        return {record["row"] - 1 for record in json.loads(affected.read_text())["records"]}
    rows = folder / "rows.json"
    subprocess.run([str(python_of(tool)), str(runner_of(tool)), str(data), str(rows)], capture_output=True, check=True)
    return set(json.loads(rows.read_text()))


def rows_of(fault: dict[str, Any]) -> set[int]:
    """The faulty row, and the rows that its note says it repeats or contradicts: a tool may name either."""
    return {fault["row"], *map(int, re.findall(r"row (\d+)", fault["note"]))}


def measure() -> list[dict[str, object]]:
    """By tool: planted faults found, clean rows (near-misses included) flagged, and what was missed."""
    planted = json.loads((ROOT / "examples/planted.json").read_text("utf-8"))
    table = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for tool in ("tamis", *PEERS):
            facts = {"tool": tool, "faulty": 0, "found": 0, "clean": 0, "clean_flagged": 0, "missed": Counter()}
            for name in FILES:
                copy, numbers = readable(name, folder)
                hit = {numbers[row] for row in flagged_by(tool, copy, folder)}
                faults = [p for p in planted if p["file"] == name and p["row"] in numbers and p["fault"] != "none"]
                missed = [fault["fault"] for fault in faults if not rows_of(fault) & hit]
                clean = set(numbers).difference(*map(rows_of, faults))
                facts["faulty"] += len(faults)
                facts["found"] += len(faults) - len(missed)
                facts["clean"] += len(clean)
                facts["clean_flagged"] += len(hit & clean)
                facts["missed"].update(missed)
            facts["missed"] = dict(sorted(facts["missed"].items()))
            table.append(facts)
    return table


if __name__ == "__main__":
    for peer in PEERS:
        install(peer)
    results = {"machine": describe(), "versions": versions(), "files": FILES, "tools": measure()}
    (ROOT / "benchmarks/results/planted.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    for facts in results["tools"]:
        print(facts)
