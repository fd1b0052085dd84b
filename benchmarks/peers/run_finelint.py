"""finelint: `inspect` with its defaults (its near-duplicate search included).

python run_finelint.py DATA FOLDER
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from finelint import cli
from protocol import timed


def inspect(data: Path) -> tuple[int, dict[str, int]]:
    """Rows read, and findings by code (one finding may name many rows)."""
    folder = Path(sys.argv[2])
    report = folder / "finelint-report.json"
    outputs = ["--report", str(report), "--affected-records", str(folder / "finelint-affected.json")]
    with contextlib.redirect_stdout(sys.stderr):
        cli.main(["inspect", str(data), *outputs])
    facts = json.loads(report.read_text())
    return facts["metadata"]["records_read"], facts["summary"]["by_code"]


if __name__ == "__main__":
    timed(inspect, Path(sys.argv[1]))
