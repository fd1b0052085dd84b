from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tamis.errors import TamisError
from tamis.kernels.shingles import lower
from tamis.neighbours import lexical, lexical_template, lexical_verify
from tamis.neighbours.lexical import LexicalPairs, near_pairs
from tamis.neighbours.lexical_bands import bands_for
from tamis.neighbours.lexical_verify import effective_similarity
from tamis.packed import Packed
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, sliced
from tests.neighbours import naive_lexical

PLAIN = "the of a to in is you that it he was for on are as with his they I at be this have from or one had"
HARD = "Élan Привет ΑΒΓ 世界 漢字漢 ไทย x1 don't 😀 ... naïve, \u200b ﬂ İ"
VOCABULARY = [*PLAIN.split(" "), *HARD.split(" ")]


def edited(chance: random.Random, text: str, edits: int) -> str:
    said = text.split(" ")
    for _ in range(edits):
        said[chance.randrange(len(said))] = chance.choice(VOCABULARY)
    return " ".join(said)


def corpus(seed: int, rows: int) -> list[str]:
    """Texts of 1 to 80 words, every other one an edited copy of an earlier one, some of them blank."""
    chance = random.Random(seed)
    texts: list[str] = []
    for _ in range(rows):
        if texts and chance.random() < 0.5:
            texts.append(edited(chance, chance.choice(texts), chance.choice([0, 0, 1, 1, 2, 5])))
        elif chance.random() < 0.1:
            texts.append(chance.choice(["", " \n", "?!", "👍"]))
        else:
            texts.append(" ".join(chance.choices(VOCABULARY, k=chance.randint(1, 80))))
    return texts


def every_pair(found: LexicalPairs) -> dict[tuple[int, int], float]:
    """The pairs reported, and those that follow because a row says the same as another."""
    copies: dict[int, list[int]] = {}
    for row, first in enumerate(found.same_as.tolist()):
        copies.setdefault(first, []).append(row)
    pairs = {}
    for left, right, similarity in zip(
        found.pairs.left.tolist(), found.pairs.right.tolist(), found.pairs.similarity.tolist(), strict=True
    ):
        for one in copies[found.same_as[left]]:
            for other in copies[found.same_as[right]]:
                if one != other:
                    pairs[min(one, other), max(one, other)] = similarity
    return pairs


corpora = st.one_of(
    st.builds(corpus, st.integers(0, 10**6), st.integers(0, 40)),
    st.lists(strategies.text, max_size=8),
    st.lists(st.text("ab .\n", max_size=12), max_size=12),
)


@EXAMPLES
@given(corpora, st.integers(1, 4), st.integers(1, 6), st.sampled_from([0.3, 0.5, 0.6, 0.8, 1.0]))
def test_every_reported_pair_is_a_true_one_with_its_exact_similarity(
    texts: list[str], words: int, characters: int, floor: float
) -> None:
    expected = naive_lexical.near_pairs([texts], floor, words, characters, [set()])
    found = near_pairs([sliced(texts)], floor=floor, words=words, characters=characters)
    pairs = every_pair(found)
    assert pairs.keys() <= expected.keys()
    assert pairs == {pair: expected[pair][0] for pair in pairs}
    exact = {pair for pair, (similarity, _) in expected.items() if similarity == 1.0}
    assert exact <= pairs.keys()  # the same set gives the same keys


@EXAMPLES
@given(corpora.flatmap(lambda a: st.tuples(st.just(a), st.permutations(a))), st.sampled_from([0.5, 0.8]))
def test_two_sides_are_as_alike_as_the_less_similar_one(sides: tuple[list[str], list[str]], floor: float) -> None:
    expected = naive_lexical.near_pairs(sides, floor, 3, 5, [set(), set()])
    pairs = every_pair(near_pairs([Packed.of(sides[0]), sliced(list(sides[1]))], floor=floor))
    assert pairs == {pair: expected[pair][0] for pair in pairs}
    assert {pair for pair, (similarity, _) in expected.items() if similarity == 1.0} <= pairs.keys()


@pytest.mark.parametrize("floor", [0.5, 0.7, 0.9])
def test_of_the_pairs_above_the_floor_few_are_missed(floor: float) -> None:
    texts = corpus(7, 1200)
    expected = naive_lexical.near_pairs([texts], floor, 3, 5, [set()])
    pairs = every_pair(near_pairs([Packed.of(texts)], floor=floor))
    assert len(expected) > 300
    assert len(pairs) >= 0.99 * len(expected)


def test_pairs_are_sorted_and_none_comes_twice() -> None:
    pairs = near_pairs([Packed.of(corpus(3, 400))], floor=0.5).pairs
    keys = list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    assert len(keys) > 100
    assert keys == sorted(set(keys))
    assert (pairs.left < pairs.right).all()
    assert (pairs.similarity >= 0.5).all()


def as_tuples(found: LexicalPairs) -> tuple[list[object], ...]:
    pairs = found.pairs
    arrays = (pairs.left, pairs.right, pairs.similarity, found.effective, found.same_as, found.template)
    return (*(array.tolist() for array in arrays), [found.limited, found.compared])


def test_threads_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sides = [Packed.of(corpus(1, 300)), Packed.of(corpus(1, 300))]
    monkeypatch.setattr(lexical, "TEMPLATE_LEAST", 5)
    once = as_tuples(near_pairs(sides, threads=1, floor=0.4))
    assert len(once[0]) > 100
    monkeypatch.setattr("tamis.neighbours.lexical_bands.BLOCK", 7)
    monkeypatch.setattr(lexical_verify, "BLOCK_BYTES", 1000)
    monkeypatch.setattr(lexical_verify, "SPAN", 3)
    monkeypatch.setattr(lexical, "STRIPE", 50)
    monkeypatch.setattr("tamis.neighbours.lexical_bands.MET", 10)
    assert as_tuples(near_pairs(sides, threads=5, floor=0.4)) == once


def test_the_order_of_rows_changes_no_pair() -> None:
    texts = corpus(4, 300)
    order = random.Random(5).sample(range(len(texts)), len(texts))
    straight = every_pair(near_pairs([Packed.of(texts)]))
    mixed = every_pair(near_pairs([Packed.of([texts[row] for row in order])]))
    assert straight == {tuple(sorted((order[a], order[b]))): value for (a, b), value in mixed.items()}


@EXAMPLES
@given(st.integers(0, 60), st.floats(0.5, 1.0), st.floats(0.5, 1.0))
def test_effective_similarity_is_the_guard_solved_for_the_threshold(
    tokens: int, similarity: float, threshold: float
) -> None:
    solved = effective_similarity(np.array([similarity]), np.array([tokens]))[0]
    assert (
        naive_lexical.passes(similarity, tokens, threshold) == (solved >= threshold)
        or abs(solved - threshold) < 1e-9 * 30
    )


def test_the_guard_lowers_what_short_texts_reach_side_by_side() -> None:
    texts = corpus(9, 300)
    sides = [texts, texts[::-1][:150] + texts[:150]]
    expected = naive_lexical.near_pairs(sides, 0.4, 3, 5, [set(), set()])
    found = near_pairs([Packed.of(side) for side in sides], floor=0.4)
    assert found.effective.tolist() != found.pairs.similarity.tolist()
    for left, right, effective in zip(
        found.pairs.left.tolist(), found.pairs.right.tolist(), found.effective, strict=True
    ):
        parts = expected[left, right][1]
        solved = effective_similarity(np.array([s for s, _ in parts]), np.array([tokens for _, tokens in parts]))
        assert effective == solved.min()
    bare = near_pairs([Packed.of(side) for side in sides], floor=0.4, guard=False)
    assert bare.effective.tolist() == bare.pairs.similarity.tolist() == found.pairs.similarity.tolist()


def template_corpus(rows: int) -> list[str]:
    """A form with a slot or two; now and then an edited copy, a row of the form alone, and rows of another kind."""
    chance = random.Random(11)
    form = "You are a helpful assistant . Read the text below and answer in one short sentence please :"
    texts = []
    for number in range(rows):
        if texts and number % 3 == 0:
            texts.append(edited(chance, chance.choice(texts), 1))
        elif number % 10 == 0:
            texts.append(form)
        elif number % 4 == 0:
            texts.append(" ".join(chance.choices(VOCABULARY, k=20)))
        else:
            texts.append(f"{form} {' '.join(chance.choices(VOCABULARY, k=chance.randint(1, 12)))}")
    return texts


@pytest.mark.parametrize("sampled", [False, True])
def test_the_discount_leaves_out_what_the_definition_names(monkeypatch: pytest.MonkeyPatch, sampled: bool) -> None:
    texts = template_corpus(400)
    monkeypatch.setattr(lexical, "TEMPLATE_LEAST", 20)
    if sampled:
        monkeypatch.setattr(lexical_template, "SAMPLE_ROWS", 150)
    dropped = naive_lexical.template(texts, 3, 5, 0.2, 20)
    found = near_pairs([Packed.of(texts)], floor=0.5, template_share=0.2)
    assert len(found.template) == len(dropped) > 5
    without = naive_lexical.near_pairs([texts], 0.5, 3, 5, [dropped])
    whole = naive_lexical.near_pairs([texts], 0.5, 3, 5, [set()])
    expected = {pair: min(without[pair][0], whole[pair][0]) for pair in without.keys() & whole.keys()}
    assert len(expected) < len(whole)
    pairs = every_pair(found)
    assert pairs == {pair: expected[pair] for pair in pairs}
    assert len(pairs) >= 0.98 * len(expected) > 50
    for left, right, effective in zip(
        found.pairs.left.tolist(), found.pairs.right.tolist(), found.effective, strict=True
    ):
        parts = [*without[left, right][1], *whole[left, right][1]]
        solved = effective_similarity(np.array([s for s, _ in parts]), np.array([tokens for _, tokens in parts]))
        assert effective == solved.min()


def test_what_two_templates_leave_may_agree_by_chance_and_makes_no_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "TEMPLATE_LEAST", 20)
    chance = random.Random(12)
    forms = ("translate the sentence below into French and answer now", "count the letters of this text and answer now")
    texts = [f"{form} {' '.join(chance.choices(VOCABULARY, k=4))}" for form in forms for _ in range(40)]
    texts += [f"{form} one sentence that both of them hold" for form in forms]
    found = near_pairs([Packed.of(texts)], template_share=0.3)
    without = naive_lexical.near_pairs([texts], 0.6, 3, 5, [naive_lexical.template(texts, 3, 5, 0.3, 20)])
    assert without[80, 81][0] == 1.0
    assert (80, 81) not in every_pair(found)


def test_copies_make_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "TEMPLATE_LEAST", 5)
    texts = ["one and the same row , said again and again"] * 50 + corpus(2, 50)
    assert len(near_pairs([Packed.of(texts)], template_share=0.3).template) == 0


def test_blank_rows_are_like_none_and_signs_like_themselves() -> None:
    found = near_pairs([Packed.of(["", " ", "?!", "👍", "? !", "", "👍"])])
    assert every_pair(found) == {(2, 4): 1.0, (3, 6): 1.0}
    assert found.same_as.tolist() == [0, 1, 2, 3, 2, 5, 3]


def test_an_empty_side_is_like_an_empty_one_only() -> None:
    text = "name the three primary colours"
    sides = [Packed.of([text, text, text, ""]), Packed.of(["", "red yellow blue", "", "red yellow blue"])]
    assert every_pair(near_pairs(sides)) == {(0, 2): 1.0}


def test_copies_are_paired_with_the_first_only() -> None:
    text = "the quick brown fox jumps over the lazy dog while nobody looks"
    found = near_pairs([Packed.of([text] * 1000 + [text + " twice"])])
    assert len(found.pairs) == 1000
    assert set(found.pairs.left.tolist()) == {0}
    assert found.same_as.tolist() == [0] * 1000 + [1000]
    assert found.limited == 0


def test_a_big_bucket_is_bounded_and_says_so() -> None:
    chance = random.Random(6)
    form = " ".join(chance.choices(VOCABULARY, k=60))
    texts = [f"{form} number {number}" for number in range(3000)]
    found = near_pairs([Packed.of(texts)], bucket_limit=10, template_share=None)
    assert found.limited > 1000
    assert found.compared < 3000 * 10 * 8
    hubs = {left for left, right in zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True)}
    assert set(range(3000)) - hubs <= set(found.pairs.right.tolist())  # every row has a row that it is like
    assert 0 in found.pairs.left


def family(rows: int, name: str = "w") -> list[str]:
    """Texts of 120 words with one word of their own each: any two are at least 0.9 alike."""
    return [" ".join(f"own{row}" if k == row % 120 else f"{name}{k}" for k in range(120)) for row in range(rows)]


def reversed_order(rows: int) -> NDArray[np.int64]:
    return np.arange(rows)[::-1].copy()


def test_in_a_big_bucket_rows_are_compared_with_the_best_ones() -> None:
    order = reversed_order(200)
    found = near_pairs([Packed.of(family(200))], floor=0.8, bucket_limit=64, template_share=None, order=order)
    assert found.limited > 0
    assert {(row, 199) for row in range(199)} <= every_pair(found).keys()
    assert found.pairs.left.tolist() == sorted(found.pairs.left.tolist())
    assert (found.pairs.left < found.pairs.right).all()


def test_a_group_of_the_same_words_ranks_as_its_best_row() -> None:
    texts = [family(201)[200], *family(200)]
    copies = [*texts, texts[0].upper()]  # the best row says what the first row says
    found = near_pairs([Packed.of(copies)], bucket_limit=4, template_share=None, order=reversed_order(202))
    assert found.same_as.tolist() == [*range(201), 0]
    assert {(0, row) for row in range(1, 202)} <= every_pair(found).keys()


@EXAMPLES
@given(st.integers(1, 150), st.integers(0, 20), st.integers(1, 70), st.randoms(use_true_random=False))
def test_of_each_family_going_through_the_order_keeps_the_best_row(
    rows: int, copies: int, limit: int, chance: random.Random
) -> None:
    texts = [*family(rows), *family(rows, "v")]
    texts += chance.choices(texts, k=copies)
    chance.shuffle(texts)
    order = chance.sample(range(len(texts)), len(texts))
    found = near_pairs([Packed.of(texts)], floor=0.8, bucket_limit=limit, template_share=None, order=np.array(order))
    best = {" v" in texts[row]: row for row in reversed(order)}  # the last one written is the first in the order
    assert naive_lexical.stars(order, set(every_pair(found))) == sorted(best.values(), key=order.index)


@EXAMPLES
@given(st.integers(0, 10**6), st.integers(1, 120), st.randoms(use_true_random=False))
def test_where_no_bucket_is_too_big_the_order_changes_nothing(seed: int, rows: int, chance: random.Random) -> None:
    packed = Packed.of(corpus(seed, rows))
    order = np.array(chance.sample(range(rows), rows))
    assert as_tuples(near_pairs([packed], bucket_limit=rows, order=order)) == as_tuples(
        near_pairs([packed], bucket_limit=rows)
    )


def test_the_order_of_rows_is_the_default() -> None:
    packed = Packed.of(family(200))
    by_default = as_tuples(near_pairs([packed], bucket_limit=8, template_share=None))
    assert as_tuples(near_pairs([packed], bucket_limit=8, template_share=None, order=np.arange(200))) == by_default
    backwards = near_pairs([packed], bucket_limit=8, template_share=None, order=reversed_order(200), threads=1)
    assert as_tuples(backwards) != by_default
    again = near_pairs([packed], bucket_limit=8, template_share=None, order=reversed_order(200), threads=5)
    assert as_tuples(again) == as_tuples(backwards)


@pytest.mark.parametrize("order", [[0], [0, 0], [0, 2], [-1, 0], [0, 1, 2]])
def test_an_order_that_is_not_of_all_rows_is_refused(order: list[int]) -> None:
    with pytest.raises(TamisError, match="order"):
        near_pairs([Packed.of(["a", "b"])], order=np.array(order))


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    one = "今天天气很好我们一起去公园散步吧然后回家吃饭看电影早点睡觉明天还要上班"
    found = near_pairs([Packed.of([one, one[:-1] + "学", "他们昨天买了一辆新车但是颜色不太好看所以又去换了一辆"])])
    assert list(every_pair(found)) == [(0, 1)]
    assert every_pair(found) == {(0, 1): pytest.approx((len(one) - 5) / (len(one) - 3))}


def test_every_letter_is_lowered_as_python_does() -> None:
    blocks = [range(0x0250), range(0x0386, 0x0400), range(0x0400, 0x0590), range(0x1E00, 0x1F00), range(0xFF00, 0xFF60)]
    codes = [code for block in blocks for code in block]
    wrong = {chr(code) for code in codes if chr(int(lower(code))) != naive_lexical.lower(chr(code))}
    outside = {character for character in wrong if not naive_lexical._CASED.match(character)}
    assert wrong == outside
    assert all(int(lower(ord(character))) == ord(character) for character in outside)


@pytest.mark.parametrize("floor", [0.3, 0.5, 0.6, 0.75, 0.9, 0.99, 1.0])
def test_bands_meet_a_pair_at_the_floor(floor: float) -> None:
    bands, lanes = bands_for(floor)
    assert 1 - (1 - floor**lanes) ** bands >= 0.99
    assert bands <= 50


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"floor": 1.5}, "floor must be"),
        ({"words": 0}, "at least 1"),
        ({"template_share": 0.0}, "template_share"),
        ({"bucket_limit": 0}, "at least 1"),
    ],
)
def test_options_without_a_meaning_are_refused(options: dict[str, float], said: str) -> None:
    with pytest.raises(TamisError, match=said):
        near_pairs([Packed.of(["a"])], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("sides", [[], [Packed.of(["a"])] * 3, [Packed.of(["a"]), Packed.of([])]])
def test_sides_that_do_not_fit_are_refused(sides: Sequence[Packed]) -> None:
    with pytest.raises(TamisError, match="side"):
        near_pairs(sides)


def test_no_rows_have_no_pairs() -> None:
    assert len(near_pairs([Packed.of([])]).pairs) == 0


def test_a_threshold_below_the_floor_is_refused() -> None:
    with pytest.raises(TamisError, match=r"below the floor 0\.6"):
        near_pairs([Packed.of(["a"])]).alike(0.5)


def test_texts_may_be_memory_mapped(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, packed = tmp_path_factory.mktemp("mapped"), Packed.of(corpus(8, 200))
    for name, array in (("offsets", packed.offsets), ("data", packed.data)):
        np.save(folder / f"{name}.npy", array)
    mapped = Packed(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("offsets", "data")))
    assert as_tuples(near_pairs([mapped])) == as_tuples(near_pairs([packed]))


def test_progress_tells_of_every_row_and_byte() -> None:
    packed, told = Packed.of(corpus(8, 200)), []
    near_pairs([packed], on_progress=lambda size, rows: told.append((size, rows)))
    assert tuple(map(sum, zip(*told, strict=True))) == (packed.offsets[-1], 200)
