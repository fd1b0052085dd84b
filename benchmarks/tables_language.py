"""The tables of docs/language.md: how often languages are told right, and how fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Table = Callable[[str, list[str], list[list[str]]], str]


def accuracy(results: Json, table: Table) -> str:
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
    return table(
        "Right, by kind of text",
        ["texts", "number", "detector", "likeliest is right", "answers", "right of these"],
        rows,
    )


def sentences(results: Json, table: Table) -> str:
    """Sentences whose likeliest language is right, by language."""
    found = results["sentences"]
    rows = [
        [language, f"{count:,}", *(_share(shares[language]) for shares in found["shares"].values())]
        for language, count in sorted(found["texts"].items())
    ]
    return table("Sentences whose likeliest language is right", ["language", "sentences", *found["shares"]], rows)


def english(results: Json, table: Table) -> str:
    """What English answers are called, and what those are that are called something else."""
    rows = [
        [
            name,
            f"{row['least']:,}",
            f"{row['answers']:,}",
            *(_share(row[key] / row["answers"]) for key in ("en", "none")),
            *(str(row[key]) for key in ("another", "code", "names", "wrong")),
            _share(row["wrong"] / max(1, row["answers"] - row["another"] - row["code"] - row["names"])),
        ]
        for name, lines in (("looked at", results["english"]), ("elsewhere", results["elsewhere"]))
        for row in lines
        if row["answers"]
    ]
    head = ["answers", "characters from", "number", "en", "no language"]
    head += ["in another language", "code", "names", "wrong", "share wrong"]
    return table("Answers of English instruction data", head, rows)


def speed(results: Json, table: Table) -> str:
    """Texts a second of one thread."""
    rows = [
        [kind, tool, *map(_spread, (speed, case["ratio"][tool]) if tool in case["ratio"] else (speed,))]
        for kind, case in results["cases"].items()
        for tool, speed in case["texts_per_second"].items()
    ]
    rows = [row if len(row) == 4 else [*row, ""] for row in rows]
    return table("Speed", ["texts", "detector", "texts/s", "tamis is faster by"], rows)


def about(results: Json, table: Table) -> str:  # noqa: ARG001 - called as the others are
    """Agreement with langdetect, and what the figures were taken on."""
    machine, found = results["machine"], results["agreement"]
    tools = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    return (
        f"Of {found['texts']:,} sentences of 100 characters or more langdetect says the same with five seeds for "
        f"{found['steady']:,}; tamis says so too for {found['same']:,} of them.\n\n"
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}; {tools}; "
        f"{results['date']}. One thread, processor time, median (lowest-highest) of three turns; langdetect had one."
    )


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _spread(figures: dict[str, float]) -> str:
    return f"{_number(figures['median'])} ({_number(figures['min'])}-{_number(figures['max'])})"


def _number(value: float) -> str:
    """Three figures are all that a benchmark can claim."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


LANGUAGE = {"accuracy": accuracy, "languages": sentences, "english": english, "speed": speed, "about": about}
