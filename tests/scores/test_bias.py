"""Measures of bias: against independent versions, on corpora with a planted effect, and on shuffled ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tamis.identity import Lexicon, identity_lexicon
from tamis.packed import Packed
from tamis.scores.bias.association import FEWEST, association, log_odds, npmi, significant
from tamis.scores.bias.contexts import SENTENCE, mentioning, occupations_beside, words_beside
from tamis.scores.bias.occupations import occupations_by_gender
from tamis.scores.bias.representation import mentions, pronoun_ratio, representation
from tamis.scores.bias.swap import changes_of_verdicts
from tamis.scores.bias.treatment import gap, matched_gap, mean_by_unit, strata_of, treatment

stats = pytest.importorskip("scipy.stats")
BITS = {"axis.a": 1, "axis.b": 2}
counts = st.lists(st.tuples(st.integers(1, 500), st.integers(1, 500)), min_size=2, max_size=6)


# representation


def test_mentions_are_counted_by_text_and_by_term_whatever_the_run() -> None:
    lexicon = Lexicon.of({"female": ["she", "her"], "male": ["he"]})
    found = mentions(Packed.of(["She and her dog", "it", "he said she said"] * 20_000), lexicon)
    assert found.masks[:3].tolist() == [1, 0, 3]
    assert found.terms.tolist() == [40_000, 20_000, 20_000]
    assert found.pronouns[:3].tolist() == [[2, 0], [0, 0], [1, 1]]
    female = representation(found, lexicon, 60_000)[0]
    assert (female["rows"], female["share"], female["mentions"]) == (40_000, 2 / 3, 60_000)
    assert female["per_thousand_tokens"] == pytest.approx(1000 * 60_000 / found.tokens)


def test_the_interval_is_that_of_the_independent_rows() -> None:
    lexicon = Lexicon.of({"female": ["she"]})
    found = mentions(Packed.of(["she", "it"] * 100), lexicon)
    one, few = (representation(found, lexicon, units)[0]["interval"] for units in (200, 8))
    theirs = stats.binomtest(4, 8).proportion_ci(method="wilson")
    assert few == pytest.approx((theirs.low, theirs.high))
    assert one[1] - one[0] < few[1] - few[0]


def test_a_group_of_few_rows_is_not_told() -> None:
    lexicon = Lexicon.of({"female": ["she"]})
    assert representation(mentions(Packed.of(["she"] * 9), lexicon), lexicon, 9) == [{"group": "female", "rows": 9}]
    assert "ratio" not in pronoun_ratio(np.array([[5, 0]] * 100 + [[0, 1]] * 9))


def test_the_pronoun_interval_covers_the_truth_where_pronouns_come_in_runs() -> None:
    covered = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        hers = random.random(400) < 0.5
        runs = random.geometric(0.2, 400)
        low, high = pronoun_ratio(np.stack([runs * hers, runs * ~hers], axis=1))["interval"]
        covered += low <= 1 <= high
    assert 270 <= covered <= 297  # 95 % of 300 is 285; with pronouns as observations it would be far less


# words


@given(counts)
def test_log_odds_without_a_prior_are_scipys(both: list[tuple[int, int]]) -> None:
    one, other = np.array(both).T
    delta, z = log_odds(one, other, prior=1e-9)
    for i in range(len(both)):
        table = [[one[i], one.sum() - one[i]], [other[i], other.sum() - other[i]]]
        theirs = stats.contingency.odds_ratio(table, kind="sample")
        interval = theirs.confidence_interval(0.95)
        error = math.log(interval.high / interval.low) / (2 * stats.norm.ppf(0.975))
        assert delta[i] == pytest.approx(math.log(theirs.statistic), abs=1e-6)
        assert z[i] == pytest.approx(math.log(theirs.statistic) / error, abs=1e-5)


@given(counts)
def test_a_prior_pulls_every_word_towards_no_difference(both: list[tuple[int, int]]) -> None:
    one, other = np.array(both).T
    weak, strong = (np.abs(log_odds(one, other, prior)[0]) for prior in (1.0, 1e6))
    assert (strong <= weak + 1e-9).all()


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_npmi_is_the_formula(both: int, word_only: int, group_only: int, neither: int) -> None:
    n = both + word_only + group_only + neither
    found = npmi(np.array([both]), np.array([both + word_only]), both + group_only, n)[0]
    if both < n:
        pmi = math.log((both / n) / ((both + word_only) / n * (both + group_only) / n))
        assert found == pytest.approx(pmi / -math.log(both / n))
    assert -1 <= found <= 1 + 1e-12


def said(rows: Sequence[tuple[int, str, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"unit": pl.Int64, "text": pl.String, "mask": pl.Int64}, orient="row")


def naive_counts(rows: Sequence[tuple[int, str, int]], word: str, bit: int) -> tuple[int, int]:
    about = [(unit, mask & 3) for unit, text, mask in rows if mask & 3 and (not word or word in text.lower().split())]
    inside, beside = {u for u, mask in about if mask == bit}, {u for u, mask in about if not mask & bit}
    return len(inside), len(beside)


WORDS = ["tea", "cake", "Tea", "work"]
lines = st.tuples(st.integers(0, 4), st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), st.integers(0, 7))


@given(st.lists(lines, max_size=20))
def test_a_word_counts_once_a_unit_on_each_side(rows: list[tuple[int, str, int]]) -> None:
    found = words_beside(said(rows), 3, [])
    for word in ("tea", "cake", "work", SENTENCE):
        for bit in (1, 2):
            mine = found.filter(pl.col("word") == word)
            inside = mine.filter(pl.col("alone") & bit != 0)["units"].sum()
            beside = mine.filter(pl.col("every") & bit == 0)["units"].sum()
            assert (inside, beside) == naive_counts(rows, word, bit)


def corpus(random: np.random.Generator, planted: float) -> pl.DataFrame:
    """600 sentences of 8 words from 150, of a group by chance; "kitchen" stands in 10 % of them, and more beside a."""
    words = np.array([f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(150)])
    share = 1 / np.arange(1, 151)
    mask = random.integers(1, 3, 600)
    text = [" ".join(random.choice(words, 8, p=share / share.sum())) for _ in mask]
    kitchen = random.random(600) < np.where(mask == 1, 0.1 + planted, 0.1)
    return said(
        [(i, t + " kitchen" * bool(k), int(m)) for i, (t, k, m) in enumerate(zip(text, kitchen, mask, strict=True))]
    )


def test_a_planted_word_is_found_beside_its_group() -> None:
    found = 0
    for seed in range(20):
        told = significant(association(words_beside(corpus(np.random.default_rng(seed), 0.25), 3, []), BITS))
        words = {facts["group"]: facts["words"].filter(pl.col("z") > 0)["word"].to_list() for facts in told}
        found += "kitchen" in words["axis.a"] and "kitchen" not in words["axis.b"]
    assert found >= 19


def test_words_of_groups_that_nothing_tells_apart_are_seldom_named() -> None:
    named = 0
    for seed in range(100):
        told = significant(association(words_beside(corpus(np.random.default_rng(seed), 0), 3, []), BITS))
        named += any(facts["words"].height for facts in told)
    assert named <= 12  # at most one in twenty of the 100 expected, with room


def test_too_few_units_have_no_words() -> None:
    rows = [(i, "tea", 1 + (i % 2)) for i in range(2 * FEWEST - 1)]
    told = significant(association(words_beside(said(rows), 3, []), BITS))
    assert [("words" in facts, facts["units"]) for facts in told] == [(False, FEWEST), (False, FEWEST - 1)]


def test_words_of_mixed_sentences_alone_are_on_neither_side() -> None:
    rows = [(i, "tea", 1 + i % 2) for i in range(4 * FEWEST)] + [(1000 + i, "ladies", 3) for i in range(FEWEST)]
    told = association(words_beside(said(rows), 3, []), BITS)
    assert [facts["words"]["word"].to_list() for facts in told] == [["tea"], ["tea"]]


def test_repeated_sentences_are_given_once_and_units_stay_together() -> None:
    lexicon = Lexicon.of({"female": ["she"], "male": ["he"]})
    texts = Packed.of(["She ran. It rained. He hid.", "She ran.", "nothing", "Then she sat."])
    found = pl.concat(mentioning(texts, np.array([3, 1, 0, 1]), np.array([7, 7, 8, 5]), lexicon))
    assert sorted(found.rows()) == [(5, "Then she sat.", 1), (7, "He hid.", 2), (7, "She ran.", 1)]


# occupations


@given(st.integers(0, 300), st.integers(0, 300))
def test_occupation_odds_are_scipys(female: int, male: int) -> None:
    told = occupations_by_gender([("nurse", female, male), ("others", 70, 90)])[0]
    if female + male < 20:
        assert told == {"occupation": "nurse", "female": female, "male": male}
        return
    twice = [[2 * female + 1, 2 * male + 1], [141, 181]]  # half a unit more in every cell, twice over
    theirs = stats.contingency.odds_ratio(twice, kind="sample")
    interval = theirs.confidence_interval(0.95)
    half = math.log(interval.high / interval.low) / 2 * math.sqrt(2)  # half the counts, so sqrt(2) times the error
    assert told["log_odds"] == pytest.approx(math.log(theirs.statistic))
    assert told["interval"] == pytest.approx((told["log_odds"] - half, told["log_odds"] + half))


def test_an_occupation_shares_its_sentence_with_one_gender() -> None:
    rows = [
        (0, "The nurses and she", 1),
        (0, "A nurse, she", 1),
        (1, "a nurse and he, she", 3),
        (2, "An engineer he", 2),
    ]
    titles = Lexicon.of({"nurse": ["nurse", "nurses"], "engineer": ["engineer"]})
    found = occupations_beside(said(rows), titles, 1, 2).sort("occupation")
    assert found.rows() == [("engineer", 0, 1), ("nurse", 1, 0)]


# treatment


def naive_gap(value: list[float], strata: list[int], inside: list[bool]) -> float:
    total, weight = 0.0, 0
    for stratum in set(strata):
        ours = [v for v, s, i in zip(value, strata, inside, strict=True) if s == stratum and i]
        theirs = [v for v, s, i in zip(value, strata, inside, strict=True) if s == stratum and not i]
        if ours and theirs:
            total += len(ours) * (sum(ours) / len(ours) - sum(theirs) / len(theirs))
            weight += len(ours)
    return total / weight if weight else math.nan


@given(st.lists(st.tuples(st.floats(-10, 10), st.integers(0, 3), st.booleans()), min_size=1, max_size=30))
def test_the_matched_gap_is_the_naive_one(rows: list[tuple[float, int, bool]]) -> None:
    value, strata, inside = (list(column) for column in zip(*rows, strict=True))
    found = matched_gap(np.array(value), np.array(strata), np.array(inside))
    assert found == pytest.approx(naive_gap(value, strata, inside), nan_ok=True)


def answers(seed: int, planted: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """600 prompts of two groups; group a's are longer, and longer prompts are refused more, whoever is meant."""
    random = np.random.default_rng(seed)
    masks = random.integers(1, 3, 600)
    strata = np.minimum(9, random.integers(0, 8, 600) + 2 * (masks == 1))
    return masks, strata, (random.random(600) < 0.05 * strata + planted * (masks == 1)).astype(np.float64)


def test_a_planted_gap_is_recovered_and_not_what_length_explains() -> None:
    covered = 0
    for seed in range(60):
        masks, strata, refused = answers(seed, 0.2)
        facts = gap(refused, strata, masks == 1, seed=seed)
        covered += facts["interval"][0] <= 0.2 <= facts["interval"][1]
        assert facts["p"] < 0.05
    assert covered >= 51  # 57 expected


def test_gaps_of_groups_that_are_treated_alike_are_seldom_named() -> None:
    named = 0
    for seed in range(60):
        masks, strata, refused = answers(seed, 0)
        told = treatment(masks, strata, {"refusal": refused}, {"axis": BITS}, seed=seed)
        named += any(facts["differs"] for facts in told)
    assert named <= 9  # one in twenty of the 60 expected, with room; the raw difference is 0.1 and always found


def test_few_prompts_have_no_gap_and_the_seed_decides() -> None:
    masks, strata, refused = answers(0, 0.2)
    assert gap(refused[:80], strata[:80], masks[:80] == 1).keys() == {"units", "other_units"}
    assert gap(refused, strata, masks == 1, seed=3) == gap(refused, strata, masks == 1, seed=3)
    assert gap(refused, strata, masks == 1, seed=3) != gap(refused, strata, masks == 1, seed=4)


def test_prompts_count_once() -> None:
    assert mean_by_unit(np.array([1.0, 0.0, np.nan, 5.0]), np.array([0, 0, 1, 1])).tolist() == [0.5, 5.0]
    assert np.unique(strata_of(np.arange(100), np.zeros(100, np.int64))).tolist() == list(range(10))


# swaps


@given(
    st.sets(st.tuples(st.integers(0, 9), st.sampled_from("ab"))),
    st.sets(st.tuples(st.integers(0, 9), st.sampled_from("ab"))),
)
def test_verdicts_change_where_hits_differ(before: set[tuple[int, str]], after: set[tuple[int, str]]) -> None:
    found = changes_of_verdicts(before, after, 10)
    changed = [row for row in range(10) if any(((row, r) in before) != ((row, r) in after) for r in "ab")]
    assert found["changed"] == len(changed)
    assert changes_of_verdicts(after, before, 10)["changed"] == len(changed)


def test_the_lexicon_fits_a_mask() -> None:
    assert len(identity_lexicon().groups) < 63
