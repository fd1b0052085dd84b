"""datatrove's filters for web pages, each on its own: the reason that each drops a text for, or none.

python run_web_filters.py TEXTS.json       a list of texts; prints a list of {filter: reason or null}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.filters.base_filter import get_filter_result

FILTERS = {
    "gopher_quality": GopherQualityFilter(),
    "gopher_repetition": GopherRepetitionFilter(),
    "c4": C4QualityFilter(),
    "c4_any_end": C4QualityFilter(filter_no_terminal_punct=False),
    "fineweb": FineWebQualityFilter(),
}


def reasons(text: str) -> dict[str, str | None]:
    """Why each filter drops a text; a filter may change its document, so each gets its own."""
    found = {name: get_filter_result(check.filter(Document(text=text, id=""))) for name, check in FILTERS.items()}
    return {name: None if kept else str(reason) for name, (kept, reason) in found.items()}


if __name__ == "__main__":
    print(json.dumps([reasons(text) for text in json.loads(Path(sys.argv[1]).read_text("utf-8"))]))
