"""llm-sanitizer-pro: `--profile fine-tune` on two processes, writing the cleaned file as it always does.

python run_llm_sanitizer_pro.py DATA FOLDER
"""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from protocol import timed
from sanitizer_pro import cli


def sanitize(data: Path) -> tuple[int, dict[str, int]]:
    """Rows read, rows dropped by reason, and redactions by kind of personal data."""
    folder = Path(sys.argv[2])
    stats = folder / "sanitizer-stats.json"
    sys.argv = ["sanitize", "--profile", "fine-tune", "--jobs", "2", "--quiet", "--no-progress"]
    sys.argv += ["--input", str(data), "--output", str(folder / "cleaned.jsonl"), "--stats-file", str(stats)]
    with contextlib.redirect_stdout(sys.stderr):
        cli.main()
    facts = json.loads(stats.read_text())
    dropped = {name: facts[name] for name in ("filtered_quality", "deduplicated", "malformed") if facts[name]}
    redacted = {f"redacted_{kind}": n for kind, n in facts["pii_redactions"].items()}
    return facts["total"], {"dropped": facts["total"] - facts["kept"], **dropped, **redacted}


if __name__ == "__main__":
    timed(sanitize, Path(sys.argv[1]))
