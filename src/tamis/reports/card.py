"""An audit in Markdown, and as a section of a Hugging Face dataset card, from a plain mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tamis.reports.parts import percent

Summary = Mapping[str, Any]
MOST_RULES: Final = 20
_SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
LEAST_SHARE: Final = 0.005
"""Share of the rows from which a language is named in the metadata."""


def card(summary: Summary) -> str:
    """YAML metadata (languages, size, tags) and the findings, to put into a dataset's README.md."""
    languages = [entry["name"] for entry in summary["languages"] if entry["share"] >= LEAST_SHARE]
    lines = ["---"]
    if languages:
        lines += ["language:", *(f"- {_yaml(code)}" for code in languages)]
    lines += ["size_categories:", f"- {size_category(summary['read'])}", "tags:", "- instruction-tuning", "- tamis"]
    return "\n".join([*lines, "---", "", markdown(summary)])


def _yaml(code: str) -> str:
    """A language code, quoted where YAML 1.1 would read it as something else: `no` is Norwegian."""
    return code if re.fullmatch(r"[a-z]{2,3}", code) and code not in ("no", "on", "yes", "off") else f'"{code}"'


def size_category(rows: int) -> str:
    """The size of a dataset as the hub names it.

    >>> size_category(52_002)
    '10K<n<100K'
    """
    return next((name for most, name in _SIZES if rows < most), "n>100M")


def markdown(summary: Summary) -> str:
    """What was read, what the rules found and what pruning would do."""
    rows = max(1, summary["rows"])
    facts = [
        (
            "rows",
            f"{summary['rows']:,}" + (f" ({summary['unreadable']:,} unreadable)" if summary["unreadable"] else ""),
        ),
        ("schema", _shares(summary["schemas"])),
        ("language of the answers", _shares(summary["languages"])),
        ("tokens (estimated)", _tokens(summary)),
        ("kept after pruning", f"{summary['kept']:,} ({percent(summary['kept'] / rows)})"),
    ]
    lines = ["## Data quality", "", f"Audited with tamis {summary['tamis']}, recipe `{summary['recipe']}`.", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {cell(value)} |" for name, value in facts if value), ""]
    return "\n".join([*lines, *_findings(summary["rules"])]) + "\n"


def _findings(rules: Sequence[Summary]) -> list[str]:
    hit = sorted((r for r in rules if r["rows"]), key=lambda r: (r["action"] != "drop", -r["rows"]))
    if not hit:
        return [f"None of {len(rules)} rules found anything."]
    lines = ["| finding | rows | share | pruning |", "|---|---:|---:|---|"]
    for rule in hit[:MOST_RULES]:
        does = "drops" if rule["action"] == "drop" else "keeps"
        lines.append(f"| {cell(rule['what'])} | {rule['rows']:,} | {percent(rule['share'])} | {does} |")
    if len(hit) > MOST_RULES:
        lines += ["", f"And {len(hit) - MOST_RULES} more findings that are rarer."]
    return [*lines, "", f"{len(rules) - len(hit)} rules found nothing."]


def _shares(entries: Sequence[Summary], most: int = 4) -> str:
    return ", ".join(f"{entry['name']} {percent(entry['share'])}" for entry in entries[:most])


def _tokens(summary: Summary) -> str:
    tokens = summary["tokens"] or {}
    return f"{sum(tokens.get(f'{side}_tokens', 0) for side in ('prompt', 'response')):,}" if tokens else ""


def cell(text: str) -> str:
    """Text that cannot end a cell of a table, nor be taken for Markdown or HTML."""
    flat = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(text.split()))
    return re.sub(r"([\\|`*_\[\]<>])", r"\\\1", flat)
