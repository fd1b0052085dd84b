"""Runs `tamis` with the options that follow, and prints the most memory that each stage of an audit took, as JSON.

python -m benchmarks.watched audit DATA.jsonl -o DIR --quiet --no-cache --no-report

Linux alone says which pages of a process are its own (RssAnon) and which are of files that it has mapped (RssFile).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

STATUS: Final = Path("/proc/self/status")
INTERVAL: Final = 0.1
"""Seconds between two looks: what is held for less may be missed, the peak that the system counts is not."""


@dataclass
class Watch:
    """The greatest `own`, `mapped` and `both`, in bytes, and the `seconds` of each stage, in the order they came in."""

    stage: str = "measuring rows"
    seen: dict[str, dict[str, float]] = field(default_factory=dict)

    def run(self) -> None:
        """Look until the program ends."""
        last = time.perf_counter()
        while True:
            self.look(time.perf_counter() - last)
            last = time.perf_counter()
            time.sleep(INTERVAL)

    def look(self, seconds: float) -> None:
        """Hold what is there now against what was seen."""
        lines = (line.split() for line in STATUS.read_text().splitlines())
        size = {words[0]: int(words[1]) * 1024 for words in lines if words[0].startswith("Rss")}
        now = {"own": size["RssAnon:"], "mapped": size["RssFile:"], "both": size["RssAnon:"] + size["RssFile:"]}
        known = self.seen.setdefault(self.stage, {**now, "seconds": 0.0})
        known |= {name: max(known[name], value) for name, value in now.items()}
        known["seconds"] = round(known["seconds"] + seconds, 3)


def main() -> None:
    """`tamis`, told of as it goes from stage to stage."""
    import tamis
    from tamis.cli import main as cli

    watch, audit = Watch(), tamis.audit
    threading.Thread(target=watch.run, daemon=True).start()

    def watched(*inputs: Any, stages: Callable[[str, float], None] | None, **options: Any) -> tamis.AuditResult:
        def told(what: str, share: float) -> None:
            watch.stage = what
            if stages is not None:
                stages(what, share)

        found = audit(*inputs, stages=told, **options)
        watch.stage = "writing tables"
        return found

    tamis.audit = watched  # type: ignore[assignment] # which is how the command line calls it
    try:
        cli()
    finally:
        print(json.dumps({"stages": watch.seen}), flush=True)


if __name__ == "__main__":
    main()
