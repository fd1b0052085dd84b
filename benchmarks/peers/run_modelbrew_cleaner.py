"""modelbrew-cleaner: `clean_file` with its defaults (no model, no key).

python run_modelbrew_cleaner.py DATA [ROWS_FILE]      ROWS_FILE gets the numbers of the rows it warns of
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from modelbrew_cleaner import clean_file
from protocol import timed


def clean(data: Path) -> tuple[int, dict[str, int]]:
    """Rows read, rows with an issue, and issues by code."""
    rows = clean_file(str(data))
    codes = Counter(issue.code for row in rows for issue in row.issues)
    flagged = [number for number, row in enumerate(rows) if row.issues]
    if len(sys.argv) > 2 and sys.argv[2].endswith(".json"):
        Path(sys.argv[2]).write_text(json.dumps(flagged))
    return len(rows), {"rows_flagged": len(flagged), **dict(codes.most_common())}


if __name__ == "__main__":
    timed(clean, Path(sys.argv[1]))
