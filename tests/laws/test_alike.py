"""Law 3 for rows that are nearly the same, in words and in meaning: direct matches with kept rows, and no others."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
from tamis.recipe import parse
from tamis.verbs.duplicates import SIGNAL_OF
from tests.written import write

WORDS = [
    "river",
    "stone",
    "cloud",
    "market",
    "doctor",
    "engine",
    "poem",
    "lawyer",
    "garden",
    "winter",
    "bridge",
    "letter",
    "copper",
    "island",
    "music",
]
KEEPS = ("fewest", "first", "last", "longest")


def text(random: random.Random, length: int) -> str:
    return " ".join(random.choices(WORDS, k=length))


def edited(random: random.Random, said: str) -> str:
    words = said.split()
    for _ in range(random.randint(0, 3)):
        words[random.randrange(len(words))] = random.choice(WORDS)
    return " ".join(words)


@st.composite
def corpora(draw: st.DrawFn) -> list[dict[str, str]]:
    chance = draw(st.randoms(use_true_random=False))
    seeds = [(text(chance, chance.randint(5, 70)), text(chance, chance.randint(1, 70))) for _ in range(4)]
    rows = []
    for _ in range(draw(st.integers(1, 14))):
        prompt, answer = chance.choice(seeds)
        rows.append({"prompt": edited(chance, prompt), "completion": edited(chance, answer)})
    return rows


def check_stars(found: tamis.DuplicatesResult) -> None:
    audit, kept = found.audit, set(found.audit.kept)
    group = dict(audit.rows.select("row", f"{SIGNAL_OF[found.kind]}_group").iter_rows())
    alike = {
        (left, right): (similarity, effective)
        for left, right, similarity, effective in audit.pairs.select(
            "left", "right", "similarity", "effective"
        ).iter_rows()
    }

    def between(one: int, other: int) -> tuple[float, float]:
        a, b = sorted((group[one], group[other]))
        return (1.0, 1.0) if a == b else alike.get((a, b), (0.0, 0.0))

    for row, other, similarity in found.duplicates.iter_rows():
        assert other in kept
        assert row not in kept
        assert between(row, other)[0] == similarity
        assert between(row, other)[1] >= found.threshold
    for one in kept:
        for other in kept:
            if one < other and group[one] is not None and group[other] is not None:
                assert between(one, other)[1] < found.threshold


@settings(max_examples=40)
@given(rows=corpora(), keep=st.sampled_from(KEEPS), kind=st.sampled_from(["words", "meaning"]))
def test_stars_and_no_chains(
    rows: list[dict[str, str]], keep: str, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = write(rows, "jsonl", tmp_path_factory.mktemp("law"))
    found = tamis.duplicates(source, kind=kind, keep=keep, threshold=0.8, floor=0.5)
    check_stars(found)
    for threshold in (0.5, 0.6, 0.95):
        again = found.rethreshold(threshold)
        check_stars(again)
        fresh = tamis.duplicates(source, kind=kind, keep=keep, threshold=threshold, floor=0.5)
        assert again.duplicates.equals(fresh.duplicates), "another threshold is what an audit with it would be"


NAMES = [
    "Explain in a few clear sentences how the tides of the sea come about, what the moon has to do with it, why "
    "there are two of them on most days, and how a sailor who plans to leave a harbour at night should read a table "
    "of tides before he takes his boat out, so that it does not run aground on the way.",
    "Write a short letter to a landlord who has not repaired the heating for three weeks, in which the tenant asks "
    "politely but firmly for a date, names the law that is on her side, and says what she will do next if nothing "
    "happens, without threats and without insults, in words that an ordinary person would choose for it.",
]


def pair(prompt: str, answer: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": answer}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rows = [
        pair(NAMES[0], NAMES[1]),
        pair(NAMES[0].replace("sailor", "captain"), NAMES[1]),
        pair(NAMES[0], NAMES[1].replace("landlord", "neighbour").upper()),
        pair(NAMES[0], "No."),
        pair(NAMES[1], NAMES[0]),
    ]
    return write(rows, "jsonl", tmp_path)


def test_a_conversation_is_alike_where_prompt_and_answer_both_are(source: Path) -> None:
    found = tamis.duplicates(source, keep="first")
    assert found.duplicates["row"].to_list() == [1, 2]
    assert found.duplicates["kept"].to_list() == [0, 0]
    assert tamis.duplicates(source, keep="first", field="prompt").duplicates["row"].to_list() == [1, 2, 3]


def test_the_report_shows_kept_row_similarity_and_difference(source: Path) -> None:
    shown = str(tamis.duplicates(source, keep="first"))
    assert "2 of 5 rows" in shown
    assert "[-sailor-]{+captain+}" in shown
    assert "line 1" in shown


def test_a_set_to_hold_against_is_left_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    known = write([pair("Add 2 and 3.", "5"), pair(NAMES[1].lower(), NAMES[0].lower())], "jsonl", tmp_path / "other")
    known.write_text("{broken\n" + known.read_text())
    found = tamis.duplicates(source, against=known, keep="first")
    assert found.duplicates.rows() == [
        (1, 0, pytest.approx(0.9, abs=0.1)),
        (2, 0, pytest.approx(0.9, abs=0.1)),
        (4, -2, 1.0),
    ]
    assert found.audit.total == 5
    found.audit.save(tmp_path / "audit")
    pruned = tamis.prune(
        tamis.AuditResult.load(tmp_path / "audit"), tmp_path / "out.jsonl", dropped=tmp_path / "gone.jsonl"
    )
    assert pruned.n_kept == 2
    assert f'"duplicate_of_reference":{{"row":2,"file":"{known}","line":3}}' in (tmp_path / "gone.jsonl").read_text()
    assert "rows.jsonl:3" in str(found)
    assert str(found).count("the very same text") == 0, "case differs, and the texts shown are those that were compared"


def test_an_audit_keeps_pairs_for_other_thresholds(source: Path, tmp_path: Path) -> None:
    tamis.audit(source).save(tmp_path / "audit")
    audit = tamis.AuditResult.load(tmp_path / "audit")
    fresh = tamis.duplicates(source, threshold=0.7)
    assert tamis.duplicates(audit, threshold=0.7).duplicates.equals(fresh.duplicates)
    dropped = tamis.prune(audit, set=["near_duplicate.action=drop"])
    assert dropped.audit.dropped.to_list() == tamis.duplicates(source).duplicates["row"].to_list()
    with pytest.raises(tamis.TamisError, match=r"near_duplicate_similarity\.floor"):
        tamis.prune(audit, set=["near_duplicate.at_least=0.3"])


def test_findings_of_pairs_say_what_differs(source: Path) -> None:
    found = tamis.audit(source).rows_of("near_duplicate")
    assert "[captain > sailor]" in found["excerpt"][0] or "[sailor > captain]" in found["excerpt"][0]
    assert all(found["excerpt"])


def test_own_embedder(source: Path) -> None:
    def lengths(texts: list[str]) -> list[list[float]]:
        return [[len(text), 100.0] for text in texts]

    found = tamis.duplicates(source, kind="meaning", embedder=lengths, threshold=0.999999)
    assert found.audit.facts["corpus"]["embedding"]["embedder"]
    check_stars(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "word"}, "did you mean 'words'"),
        ({"threshold": 1.5}, "from 0.6 to 1"),
        ({"field": "promt"}, "did you mean 'prompt'"),
        ({"keep": "frist"}, "did you mean 'first'"),
        ({"kind": "meaning", "embedder": "statik"}, "did you mean 'static'"),
        ({"floor": 0.9, "threshold": 0.8}, "from 0.9 to 1"),
    ],
)
def test_mistakes(options: dict[str, Any], message: str, source: Path) -> None:
    with pytest.raises(tamis.TamisError, match=message):
        tamis.duplicates(source, **options)


def test_rows_without_text_are_no_duplicates_of_each_other(tmp_path: Path) -> None:
    source = write([pair("", ""), pair(" ", ""), pair("?!", "...")], "jsonl", tmp_path)
    for kind in ("words", "meaning"):
        assert tamis.duplicates(source, kind=kind).duplicates.is_empty()


def test_no_pairs_at_all(tmp_path: Path) -> None:
    found = tamis.duplicates(pl.DataFrame({"prompt": ["Name a colour."], "completion": ["Blue."]}))
    assert found.clusters.is_empty()
    assert "0 of 1 rows" in str(found)
    assert write([pair("a", "b")], "jsonl", tmp_path)


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("highest:quality", 1),
        ("lowest:quality", 0),
        ("highest:date", 2),
        ("order:source=gpt,human", 1),
        ("order:source=human,gpt", 2),
        ("fewest", 2),
    ],
)
def test_any_column_can_say_which_row_stays(keep: str, kept: int, tmp_path: Path) -> None:
    beside = [
        {"quality": 9, "date": "2025-12-01", "source": "web"},
        {"quality": 10, "date": "2026-01-31", "source": "gpt"},
        {"quality": 9.5, "date": "2026-02-01", "source": "human"},
    ]
    rows = [{**pair(NAMES[0] + end, NAMES[1]), **more} for end, more in zip(("", "", " Yes."), beside, strict=True)]
    found = tamis.duplicates(write(rows, "jsonl", tmp_path), keep=keep)
    assert found.clusters["kept"].to_list() == [kept]
    check_stars(found)


def test_a_keep_policy_that_cannot_be_meant_is_an_error(source: Path, tmp_path: Path) -> None:
    for keep, message in (("highest", "highest:COLUMN"), ("highest:qualty", "qualty"), ("first:a", "takes no column")):
        with pytest.raises(tamis.TamisError, match=message):
            tamis.duplicates(source, keep=keep)
    tamis.audit(source).save(tmp_path / "audit")
    with pytest.raises(tamis.TamisError, match="did not read"):
        tamis.duplicates(tamis.AuditResult.load(tmp_path / "audit"), keep="highest:quality")


def test_shown_texts_come_from_the_files_that_were_read(source: Path, tmp_path: Path) -> None:
    tamis.audit(source).save(tmp_path / "audit")
    source.write_text(source.read_text().replace("captain", "admiral"))
    with pytest.raises(tamis.TamisError, match="changed since the audit"):
        str(tamis.duplicates(tamis.AuditResult.load(tmp_path / "audit")))
    source.unlink()
    with pytest.raises(tamis.TamisError, match="gone since the audit"):
        str(tamis.duplicates(tamis.AuditResult.load(tmp_path / "audit")))


def test_a_table_can_be_held_against_a_table() -> None:
    known = pl.DataFrame([pair(NAMES[0], NAMES[1])])
    found = tamis.duplicates(pl.DataFrame([pair(NAMES[0].replace("sailor", "captain"), NAMES[1])]), against=known)
    assert found.duplicates["kept"].to_list() == [-1]
    assert "[-sailor-]{+captain+}" in str(found)


def test_a_threshold_that_fits_the_data(source: Path) -> None:
    found = tamis.duplicates(source, kind="meaning", relative=0.5)
    reckoned = found.audit.facts["corpus"]["semantic"]["relative_threshold"]
    assert found.threshold == pytest.approx(max(0.85, reckoned))
    check_stars(found)
    with pytest.raises(tamis.TamisError, match="takes the place of"):
        tamis.duplicates(source, relative=0.13)


@pytest.mark.parametrize("keep", KEEPS)
def test_a_large_family_leaves_one_row(keep: str) -> None:
    words = NAMES[0].split() + NAMES[1].split()
    texts = [" ".join([*words[:at], f"changed{at}", *words[at + 1 :]]) for at in range(100)]
    rows = pl.DataFrame([pair(text, "Yes." * (at % 7)) for at, text in enumerate(texts)])
    assert tamis.duplicates(rows, field="prompt", keep=keep).duplicates.height == len(texts) - 1


@pytest.mark.parametrize("kind", ["near_duplicate_similarity", "semantic_similarity"])
def test_rows_that_differ_in_the_rejected_answer_or_in_a_call_are_not_alike(kind: str) -> None:
    recipe = parse({"compute": [], "rules": {"same": {"signal": kind, "at_least": 0.97, "action": "drop"}}})
    asked = {"prompt": "What is the tallest mountain on earth, and how high is it?", "chosen": "Mount Everest."}
    pairs = [{**asked, "rejected": text} for text in ("I do not know of any mountain.", "The sea is deep and blue.")]
    assert tamis.audit(pl.DataFrame(pairs), recipe=recipe).findings.is_empty()
    calls = [
        [
            {"role": "user", "content": "How is the weather today?"},
            {"role": "assistant", "tool_calls": [{"function": {"name": name, "arguments": "{}"}}]},
        ]
        for name in ("forecast", "radar_picture")
    ]
    assert tamis.audit(pl.DataFrame({"messages": calls}), recipe=recipe).findings.is_empty()
