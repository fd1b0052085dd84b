"""cleanllm: `scan` with two workers.

python run_cleanllm.py DATA FOLDER
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from cleanllm.cli import app
from protocol import timed


def scan(data: Path) -> tuple[int, dict[str, int]]:
    """Rows read, and what it counts that is not zero."""
    report = Path(sys.argv[2]) / "cleanllm-report.json"
    with contextlib.redirect_stdout(sys.stderr), contextlib.suppress(SystemExit):
        app(["scan", str(data), "--report-json", str(report), "--workers", "2"])
    facts = json.loads(report.read_text())
    counts = {**facts["error_counts"], **facts["code_quality"], **facts["forbidden_pattern_counts"]}
    return facts["total_rows"], {name: count for name, count in counts.items() if count}


if __name__ == "__main__":
    timed(scan, Path(sys.argv[1]))
