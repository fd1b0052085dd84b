"""Turns benchmarks/results into Markdown and puts it between the markers of the documents in PAGES.

python -m benchmarks.tables            rewrite the blocks
python -m benchmarks.tables --check    change nothing; exit code 1 where a block differs

A block runs from `<!-- benchmark:audit -->` to `<!-- /benchmark -->` and holds every table of
results/audit.json; `<!-- benchmark:audit peers -->` holds the named ones only (read, ours, peers, about).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import tables_rows as of_rows
from benchmarks.tables_dedup import DEDUP
from benchmarks.tables_diversity import speed_of_vectors, speed_of_words, validity_of_vectors, validity_of_words
from benchmarks.tables_downstream import DOWNSTREAM
from benchmarks.tables_quality import QUALITY
from benchmarks.tables_scale import CACHE, SCALE

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCK = re.compile(r"(<!-- benchmark:(\w+)((?: \w+)*) -->\n).*?(<!-- /benchmark -->)", re.DOTALL)

Json = dict[str, Any]


def read_table(results: Json) -> str:
    """Reading speed beside orjson and polars."""
    cases = _cases(results, "read")
    names = [tool["name"] for tool in cases[0]["tools"]] if cases else []
    rows = [[*_data(case), *map(_speed, case["tools"])] for case in cases]
    return _table("Reading JSONL, MB/s", ["data", "rows", "MB", *names], rows)


def ours_table(results: Json) -> str:
    """Speed and memory of the verbs."""
    rows = [_own_row(case) for task in ("audit-rows", "audit", "prune") for case in _cases(results, task)]
    head = ["task", "data", "rows", "MB", "seconds", "CPU s", "MB/s", "rows/s", "peak MB", "peak / data"]
    return _table("tamis alone", head, rows)


def peers_table(results: Json) -> str:
    """Each peer on the rows that tamis had in the same run."""
    rows = [_peer_row(case) for case in _cases(results, "peers")]
    head = [
        "peer",
        "data",
        "first rows",
        "MB",
        "peer s",
        "peer MB/s",
        "tamis s",
        "ratio",
        "peer says",
    ]
    return _table("Peers on the same rows", head, rows)


def rivals_table(results: Json) -> str:
    """Near-duplicates and embedding beside a rival on the same rows."""
    rows = [
        [case["task"], *_peer_row(case)] for task in ("lexical", "embed", "semantic") for case in _cases(results, task)
    ]
    head = ["task", "rival", "data", "first rows", "MB", "rival s", "rival MB/s", "tamis s", "ratio", "rival says"]
    return _table("tamis and a rival, strings to verdicts", head, rows)


def similarity_table(results: Json) -> str:
    """What a cosine means, by embedder."""
    rows = []
    for name, found in results.items():
        tool = {(point["after"], point["threshold"]): point for point in found["toolformer"]}
        for point in found["sts"]["curve"]:
            at = [tool[after, point["threshold"]] for after in ("0.8", "0.6")]
            shares = [_share(one[key]) for one in at for key in ("removed_with_match", "kept_with_match")]
            cells = [_share(point["precision"]), _share(point["recall"]), *shares]
            rows.append([name, f"{point['threshold']:.2f}", *cells])
    head = [
        "embedder",
        "cosine",
        "STS precision",
        "STS recall",
        "removed, 0.8",
        "kept, 0.8",
        "removed, 0.6",
        "kept, 0.6",
    ]
    spearman = ", ".join(f"{name} {found['sts']['spearman']:.3f}" for name, found in results.items())
    return (
        _table("What a cosine means", head, rows)
        + f"\n\nSpearman correlation with people on STS-B dev: {spearman}. STS precision and recall: pairs scored 4 of "
        "5 or more. removed, kept: the share of GPTeacher Toolformer prompts that its makers removed (kept) which have "
        "another kept prompt at that cosine, after their pruning at 0.8 and at 0.6."
    )


def planted_table(results: Json) -> str:
    """What each linter found of the planted faults."""
    rows = []
    for tool in results["tools"]:
        missed = ", ".join(f"{count} {fault.replace('_', ' ')}" for fault, count in tool["missed"].items())
        rows.append(
            [
                tool["tool"],
                f"{tool['found']} of {tool['faulty']}",
                f"{tool['clean_flagged']} of {tool['clean']}",
                missed,
            ]
        )
    return _table("Planted faults", ["tool", "found", "clean rows flagged", "missed"], rows)


def accuracy_table(results: Json) -> str:
    """How often each detector is right, by the kind of text."""
    rows = [
        [
            kind,
            f"{case['texts']:,}",
            tool,
            *(_share(score[key]) for key in ("likeliest", "answered", "right_of_answered")),
        ]
        for kind, case in results["cases"].items()
        for tool, score in case["scores"].items()
    ]
    return _table(
        "Right, by kind of text",
        ["texts", "number", "detector", "likeliest is right", "answers", "right of these"],
        rows,
    )


def languages_table(results: Json) -> str:
    """Sentences whose likeliest language is right, by language."""
    scores = results["cases"]["sentences"]["scores"]
    rows = [
        [language, *(_share(score["by_language"][language]) for score in scores.values())]
        for language in sorted(scores["tamis"]["by_language"])
    ]
    return _table("Sentences whose likeliest language is right", ["language", *scores], rows)


def english_table(results: Json) -> str:
    """What English answers are called."""
    rows = [
        [
            f"{row['least']:,}",
            f"{row['answers']:,}",
            *(_share(row[key] / row["answers"]) for key in ("english", "none", "other")),
        ]
        for row in results["english"]
    ]
    return _table(
        "Answers of English instruction data", ["characters from", "answers", "en", "no language", "another"], rows
    )


def language_speed_table(results: Json) -> str:
    """Texts a second of one thread."""
    rows = [
        [kind, tool, *map(_spread, (speed, case["ratio"][tool]) if tool in case["ratio"] else (speed,))]
        for kind, case in results["cases"].items()
        for tool, speed in case["texts_per_second"].items()
    ]
    rows = [row if len(row) == 4 else [*row, ""] for row in rows]
    return _table("Speed", ["texts", "detector", "texts/s", "tamis is faster by"], rows)


def language_about(results: Json) -> str:
    """Agreement with langdetect, and what the figures were taken on."""
    machine, found = results["machine"], results["agreement"]
    tools = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return (
        f"Of {found['texts']:,} sentences of 100 characters or more langdetect says the same with five seeds for "
        f"{found['steady']:,}; tamis says so too for {found['same']:,} of them.\n\n"
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}; {tools}; "
        f"{results['date']}. One thread, processor time, median (lowest-highest) of three turns; langdetect had one."
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def personal_table(results: Json) -> str:
    """Recall and precision by kind of personal data and secrets."""
    rows = []
    for name, found in (("made texts", results["made"]), ("presidio's small set", results["presidio"])):
        for kind, counts in found.items():
            if counts["values"]:
                hits = counts["found"] + counts["wrong"]
                shares = [_share(counts["found"] / counts["values"]), _share(counts["found"] / hits if hits else None)]
                rows.append([name, kind, *(str(counts[key]) for key in ("values", "found", "wrong")), *shares])
    head = ["texts", "kind", "values", "found", "other hits", "recall", "precision"]
    return (
        _table("What is found", head, rows)
        + f"\n\nMade texts: values of Faker {results['faker']} in {results['locales']} locales (keys: our own), "
        f"seed {results['seed']}, and {results['look_alikes']:,} texts that only look like one."
    )


def about(results: Json) -> str:
    """The machine, the versions, and what exactly was timed."""
    machine = results["machine"]
    tools = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    dates = sorted({case["date"] for case in results["cases"]})
    repeats = sorted({case["repeats"] for case in results["cases"]})
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_bytes'] / 2**30:.0f} GiB, "
        f"{machine['system']}, Python {machine['python']}; {tools}; "
        f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))}.",
        f"Median (lowest-highest) of {'-'.join(map(str, repeats))} runs, each a fresh process after "
        "a warm-up, tamis and the others in turn; files in the page cache; MB: 10^6 bytes of the JSONL. "
        "ratio: the peer's seconds over those of tamis, pair by pair. "
        "Peak memory is that of the largest process.",
        *(f"*{task}*: {text}" for task, text in results["timed"].items()),
    ]
    return "\n\n".join(lines)


def toxicity_sets_table(results: Json) -> str:
    """AUC of the screen and of its peer, with intervals."""
    rows = [
        [name, f"{found['texts']:,}", f"{found['toxic']:,}", _auc(found["ours"]), _auc(found["peer"])]
        for name, found in results["sets"].items()
    ]
    return _table("ROC AUC (95 % interval)", ["set", "texts", "toxic", "tamis screen", results["peer"]], rows)


def _auc(found: dict[str, float]) -> str:
    return f"{found['auc']:.3f} ({found['low']:.3f}-{found['high']:.3f})"


def toxicity_identities_table(results: Json) -> str:
    """The identity terms whose neutral sentences score highest, or whose AUCs are lowest."""
    terms = results["madlibs"]["terms"]
    first = sorted(terms, key=lambda term: (-terms[term]["above"], terms[term]["bpsn"]))[:12]
    rows = [
        [term, f"{terms[term]['neutral']:,}", _share(terms[term]["above"])]
        + [f"{terms[term][key]:.3f}" for key in ("subgroup", "bpsn", "bnsp")]
        for term in first
    ]
    head = ["term", "neutral sentences", "of them above", "Subgroup AUC", "BPSN AUC", "BNSP AUC"]
    return _table(f"Identity terms: the 12 worst of {len(terms)} on the madlibs set", head, rows)


def toxicity_speed_table(results: Json) -> str:
    """Speed beside the peer, and what a cascade sends on."""
    found = results["speed"]
    rows = [
        [
            f"{found['texts']:,}",
            *(_number(found[key]) for key in ("ours", "peer")),
            _number(found["ours"] / found["peer"]),
        ]
    ]
    sent = ", ".join(f"{_share(share)} of {name}" for name, share in found["sent_on"].items())
    table = _table("Speed on one thread", ["answers", "tamis, MB/s", f"{results['peer']}, MB/s", "ratio"], rows)
    return f"{table}\n\nA cascade (unsure from 0.05 to 0.95) sends on {sent}."


def _table(title: str, head: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join([f"**{title}**", "", *lines])


TABLES: dict[str, dict[str, Callable[[Json], str]]] = {
    "audit": {"read": read_table, "ours": ours_table, "peers": peers_table, "about": about},
    "duplicates": {"rivals": rivals_table, "about": about},
    "dedup": {name: partial(maker, table=_table) for name, maker in DEDUP.items()},
    "planted": {"found": planted_table},
    "language": {
        "accuracy": accuracy_table,
        "languages": languages_table,
        "english": english_table,
        "speed": language_speed_table,
        "about": language_about,
    },
    "diversity": {"words": partial(speed_of_words, table=_table)},
    "diversity_meaning": {"vectors": partial(speed_of_vectors, table=_table)},
    "diversity_validity": {"words": partial(validity_of_words, table=_table)},
    "diversity_meaning_validity": {"vectors": partial(validity_of_vectors, table=_table)},
    "decontamination": {
        "recall": partial(of_rows.recall_of_items, table=_table),
        "unplanted": partial(of_rows.unplanted_rows, table=_table),
        "translations": partial(of_rows.translated_items, table=_table),
        "speed": partial(of_rows.speed_of_decontamination, table=_table),
    },
    "select": {"speed": partial(of_rows.speed_of_selection, table=_table)},
    "downstream": {name: partial(maker, table=_table) for name, maker in DOWNSTREAM.items()},
    "quality": {name: partial(maker, table=_table) for name, maker in QUALITY.items()},
    "cache": {name: partial(maker, table=_table) for name, maker in CACHE.items()},
    "scale_memory": {name: partial(maker, table=_table) for name, maker in SCALE.items()},
    "semantic_quality": {"curves": similarity_table},
    "personal": {"kinds": personal_table},
    "toxicity": {
        "sets": toxicity_sets_table,
        "identities": toxicity_identities_table,
        "speed": toxicity_speed_table,
    },
}


def filled(page: str) -> str:
    """The page with every block made anew."""
    return BLOCK.sub(lambda match: f"{match[1]}\n{_block(match[2], match[3].split())}\n\n{match[4]}", page)


def _block(results: str, tables: list[str]) -> str:
    path = RESULTS / f"{results}.json"
    if not path.exists():
        return f"not measured yet: `python -m benchmarks.{path.stem}` writes {path.name}"
    figures, makers = json.loads(path.read_text()), TABLES[results]
    return "\n\n".join(text for name in tables or makers if (text := makers[name](figures)))


def _cases(results: Json, task: str) -> list[Json]:
    return [case for case in results["cases"] if case["task"] == task]


def _data(case: Json) -> list[str]:
    return [case["data"], f"{case['rows']:,}", _number(case["bytes"] / 1e6)]


def _own_row(case: Json) -> list[str]:
    own = case["tools"][0]
    if "failed" in own:
        return [case["task"], *_data(case), own["failed"], *[""] * 5]
    return [
        case["task"],
        *_data(case),
        _spread(own["seconds"]),
        _number(own["cpu_seconds"]["median"]),
        _spread(own["mb_per_second"]),
        f"{own['rows_per_second']['median']:,.0f}",
        f"{own['peak_bytes'] / 1e6:,.0f}",
        _number(own["peak_over_data"]),
    ]


def _peer_row(case: Json) -> list[str]:
    own, peer = case["tools"]
    start = [peer["name"], *_data(case)]
    if "failed" in own or "failed" in peer:
        return [*start, peer.get("failed", own.get("failed", "")), *[""] * 4]
    return [
        *start,
        _spread(peer["seconds"]),
        _number(peer["mb_per_second"]["median"]),
        _spread(own["seconds"]),
        _spread(peer["ratio"]),
        _found(peer["found"]),
    ]


def _found(found: dict[str, int]) -> str:
    """What a peer dropped; for one that drops nothing, its findings."""
    if "dropped" in found:
        return f"{found['dropped']:,} rows dropped"
    findings = (f"{count:,} {name.lower().replace('_', ' ')}" for name, count in found.items())
    return ", ".join(findings) or "nothing"


def _speed(tool: Json) -> str:
    return "failed" if "failed" in tool else _spread(tool["mb_per_second"])


def _spread(figures: dict[str, float]) -> str:
    return f"{_number(figures['median'])} ({_number(figures['min'])}-{_number(figures['max'])})"


def _number(value: float) -> str:
    """Three figures are all that a benchmark can claim."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _changed() -> Iterator[tuple[Path, str]]:
    for path in PAGES:
        if path.exists() and (new := filled(old := path.read_text())) != old:
            yield path, new


def main() -> int:
    parser = argparse.ArgumentParser(description="Put the benchmark tables in the pages.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 where a page differs")
    check = parser.parse_args().check
    changed = list(_changed())
    for path, page in changed:
        print(path.relative_to(ROOT), "differs from benchmarks/results" if check else "rewritten")
        if not check:
            path.write_text(page)
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
