"""cleanllm: `scan --pii` with two workers, on the rows as its own `convert` writes them.

python run_cleanllm.py DATA CHATML --convert     writes DATA in the format that it reads
python run_cleanllm.py CHATML FOLDER

Its scan looks at `messages` and at a list of other names; `instruction` and `output` are not among them, so that rows
of that form are parsed and passed over.
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from cleanllm.cli import app
from protocol import timed


def run(*arguments: str) -> None:
    with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(SystemExit):
        app(list(arguments))


def scan(data: Path) -> tuple[int, dict[str, int]]:
    """Rows read, and what it counts that is not zero."""
    report = Path(sys.argv[2]) / "cleanllm-report.json"
    run("scan", str(data), "--report", str(report), "--workers", "2", "--pii")
    facts = json.loads(report.read_text())
    counts = {name: facts[name] for name in ("encoding_issue_count", "has_url_count")}
    counts |= {**facts["code_quality"], **facts["forbidden_pattern_counts"], **facts["pii"]["pii_counts"]}
    return facts["total_records"], {name.removesuffix("_count"): count for name, count in counts.items() if count}


if __name__ == "__main__":
    if sys.argv[3:] == ["--convert"]:
        run("convert", sys.argv[1], sys.argv[2], "--from", "alpaca", "--to", "chatml")
    else:
        timed(scan, Path(sys.argv[1]))
