"""What the benchmark of deduplication says of others must be right: its own similarities, seconds and memory."""

import json
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.dedup_agreement import THRESHOLD, agreement, jaccard, matches, shingles

ROOT = Path(__file__).parent.parent
WORDS = st.lists(st.sampled_from(["red", "blue", "Green"]), max_size=6).map(", ".join)

FORKS = """
import os, time
held = bytearray(os.urandom(1)) * 40_000_000
for _ in range(2):
    if os.fork() == 0:
        own = bytearray(os.urandom(1)) * 30_000_000
        start = time.process_time()
        while time.process_time() - start < 0.4:
            pass
        time.sleep(1)
        os._exit(0)
"""
MEASURE = """
import json, os, sys
from dataclasses import asdict
from pathlib import Path
from benchmarks.measure_tree import run_tree
print(json.dumps(asdict(run_tree([sys.executable, "-c", sys.argv[1]], os.environ, Path(sys.argv[2])))))
"""


@given(st.lists(WORDS, max_size=8))
def test_matches_are_those_of_all_pairs(texts: list[str]) -> None:
    alike, best = matches(range(len(texts)), texts)
    for row, text in enumerate(texts):
        to_others = {other: jaccard(shingles(text), shingles(each)) for other, each in enumerate(texts) if other != row}
        assert alike[row] == {other for other, similarity in to_others.items() if similarity >= THRESHOLD}
        assert best[row] == max(to_others.values(), default=0.0)


def test_rows_that_only_another_tool_removes_are_told_apart(tmp_path: Path) -> None:
    text = "one two three four five six seven eight nine ten eleven twelve"
    texts = [text, text.upper(), text + " thirteen", "something that is like no other row at all"]
    (tmp_path / "files").mkdir()
    lines = [json.dumps({"id": str(row), "instruction": "?", "output": text}) for row, text in enumerate(texts)]
    (tmp_path / "files" / "part-0.jsonl").write_text("\n".join(lines) + "\n")
    from benchmarks.dedup import RECIPE

    (tmp_path / "lexical.toml").write_text(RECIPE)
    for tool, kept in {"tamis": (0, 3), "greedy": (1,), "idle": (0, 1, 2, 3)}.items():
        (tmp_path / "kept" / tool).mkdir(parents=True)
        rows = "".join(lines[row] + "\n" for row in kept)
        (tmp_path / "kept" / tool / "kept.jsonl").write_text(rows)
    told = agreement(tmp_path / "files", tmp_path / "kept", tmp_path / "lexical.toml")
    assert told["pairs"] == {"found": 2, "verified": 2}
    assert told["tamis"]["pairs_parted"] == told["greedy"]["pairs_parted"] == 2
    assert told["idle"]["pairs_parted"] == 0
    only = told["greedy"]["only_theirs"]
    assert (only["rows"], only["missed_by_tamis"], only["other_of_the_pair"], only["unlike"]) == (2, 0, 1, 1)


def test_all_processes_count_even_those_that_outlive_the_command(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", MEASURE, FORKS, str(tmp_path)], cwd=ROOT, capture_output=True, check=True, text=True
    )
    told = json.loads(run.stdout)
    assert told["failed"] is None
    assert told["cpu_seconds"] >= 0.8
    assert told["anonymous_bytes"] >= 100e6
    assert told["peak_bytes"] < 100e6 + 60e6  # what the children share with their parent counts once
