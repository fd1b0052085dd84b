"""What counts as a test item, and what is too little to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from tamis.contamination.index import MAGIC, ItemIndex, is_index, load_index
from tamis.contamination.items import read_benchmarks
from tamis.contamination.lexical import find_hits
from tamis.contamination.semantic import Meanings
from tamis.errors import TamisError
from tamis.records.builder import Builder

LONG = ("Every Monday Petra walks 14 kilometres along the canal, and on Thursdays she cycles twice as far with her "
        "neighbour. How many kilometres does she cover in 3 weeks?")  # fmt: skip
ANSWER = "On Thursdays she cycles 2 * 14 = 28 km, so each week is 14 + 28 = 42 km, and 3 weeks are 3 * 42 = 126 km."
GAS = "Which gas do sparkling drinks give off when opened warm?"
TEST = pl.DataFrame(
    {
        "id": ["long", "short", "tiny", "sentence"],
        "question": [LONG, GAS, "Who are you?", "Why is ice slippery when skated?"],
        "answer": [f"{ANSWER}\n#### 126", "carbon dioxide", "a model trained by Acme", "a film of water"],
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def index() -> ItemIndex:
    return ItemIndex.of(*read_benchmarks(TEST))


def turns(*conversations: Sequence[tuple[str, str]]) -> pl.DataFrame:
    out = Builder()
    for conversation in conversations:
        for role, text in conversation:
            out.turn(role, text)
        out.finish("messages")
    return out.build().turns


def verdicts(index: ItemIndex, *conversation: tuple[str, str], fields: str = "prompt") -> list[tuple[str, str]]:
    return find_hits(turns(conversation), index, fields).select("name", "verdict").rows()


def test_question_and_answer_are_seen_apart(index: ItemIndex) -> None:
    assert verdicts(index, ("user", LONG), ("assistant", "No idea.")) == [("long", "question")]
    assert verdicts(index, ("user", LONG), ("assistant", f"Well. {ANSWER}")) == [("long", "question and answer")]
    assert verdicts(index, ("user", LONG), ("assistant", "That is 126.")) == [("long", "question and answer")]
    assert verdicts(index, ("user", "Solve it."), ("assistant", ANSWER)) == []
    assert verdicts(index, ("user", "Solve it."), ("assistant", ANSWER), fields="response") == [("long", "answer")]
    assert verdicts(index, ("text", f"Solved: {ANSWER}")) == [("long", "answer")]
    assert verdicts(index, ("text", f"{LONG} {ANSWER}"))[0] == ("long", "question and answer")


def test_whose_turns_are_searched(index: ItemIndex) -> None:
    asked, told = (("user", LONG), ("assistant", "Hm.")), (("user", "Pose a problem."), ("assistant", LONG))
    assert verdicts(index, *told) == []
    assert verdicts(index, *told, fields="response") == [("long", "question")]
    assert verdicts(index, *asked, fields="response") == []
    assert verdicts(index, *asked, fields="conversation") == verdicts(index, *told, fields="conversation")


def test_spans_are_characters_of_both_sides(index: ItemIndex) -> None:
    said = f"Größe ändern — nein. {LONG} Danke!"
    hit = find_hits(turns([("user", "Hi."), ("assistant", "Ho."), ("user", said)]), index).row(0, named=True)
    assert (hit["turn"], hit["item"], hit["item_line"], hit["benchmark"]) == (2, 0, None, "table")
    assert said[hit["start"] : hit["stop"]] + "?" == LONG
    assert LONG[hit["item_start"] : hit["item_stop"]] + "?" == LONG
    assert (hit["score"], hit["text"], hit["item_text"]) == (1.0, LONG[:-1], LONG[:-1])


def test_small_changes_lower_the_score_and_another_problem_is_none(index: ItemIndex) -> None:
    def score(text: str) -> float:
        hits = find_hits(turns([("user", text)]), index)
        return float(hits["score"][0]) if len(hits) else 0.0

    assert score(LONG.upper().replace(",", " ;")) == 1.0
    assert 0.9 < score(LONG.replace("canal", "river")) < 1
    assert 0.9 < score(LONG.replace("neighbour", "neighbor")) < 1
    assert 0.7 < score(LONG.replace("Petra", "Olga").replace("14", "9").replace("canal", "river")) < 0.95
    assert score("Every Monday Olga swims in the lake, and on Fridays she reads. How many books does she read?") == 0.0


def test_short_questions_must_stand_there_word_by_word(index: ItemIndex) -> None:
    assert verdicts(index, ("user", f"tell me: {GAS.lower()} thanks")) == [("short", "question")]
    assert verdicts(index, ("user", GAS.replace("warm", "cold"))) == []


def test_a_shorter_one_must_be_a_sentence_and_a_tiny_one_the_whole_turn_with_its_answer(index: ItemIndex) -> None:
    assert verdicts(index, ("user", "Hello. Why is ice slippery when skated? Thanks.")) == [("sentence", "question")]
    assert verdicts(index, ("user", "Explain why is ice slippery when skated on with blades")) == []
    assert verdicts(index, ("user", "Who are you?"), ("assistant", "A helper.")) == []
    assert verdicts(index, ("user", "Who are you?"), ("assistant", "I am a model trained by Acme.")) == [
        ("tiny", "question and answer")
    ]
    assert verdicts(index, ("user", "Ann, who are you?"), ("assistant", "I am a model trained by Acme.")) == []


def test_a_question_of_several_items_is_looked_for_with_its_choices() -> None:
    asked, choices = (
        "Which of the following statements is true?",
        ["Whales are fish.", "Bats fly by night, most of them."],
    )
    other = ["Ice is a kind of metal.", "Spiders have eight legs, insects have six of them."]
    index = ItemIndex.of(
        *read_benchmarks(pl.DataFrame({"question": [asked, asked], "choices": [choices, other], "answer": [1, 1]}))
    )
    assert len(find_hits(turns([("user", asked)]), index)) == 0
    said = f"{asked}\nA. {other[0]}\nB. {other[1]}\nAnswer with a letter."
    assert find_hits(turns([("user", said)]), index)["item"].to_list() == [1]


def test_of_items_that_share_a_template_the_best_counts() -> None:
    template = (
        "Take {} steps left, then turn around and take {} steps back, and finally jump {} times. Where are you now?"
    )
    items = [template.format(a, b, c) for a in (1, 2, 3) for b in (4, 5, 6) for c in (7, 8, 9)]
    index = ItemIndex.of(*read_benchmarks(pl.DataFrame({"question": items, "answer": ["here"] * 27})))
    hits = find_hits(turns([("user", items[13])], [("user", f"{items[2]}\n\n{items[20]}")]), index)
    assert hits.select("row", "item").rows() == [(0, 13), (1, 2), (1, 20)]


def test_an_index_is_saved_and_read_again_and_damage_is_noticed(index: ItemIndex, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "items.tamis"
    index.save(path)
    again = ItemIndex.of(*load_index(path))
    assert again.parts.equals(index.parts)
    assert again.benchmarks == index.benchmarks
    assert is_index(path)
    assert not is_index(tmp_path)
    whole = path.read_bytes()
    head = len(MAGIC) + whole[len(MAGIC) :].index(b"\n")
    for broken, said in (
        (whole[:-5], "checksum"),
        (whole[: head + 9] + b"\x00" + whole[head + 10 :], "checksum"),
        (whole.replace(b'"version":1', b'"version":2'), "version 2"),
        (MAGIC + b"{}\n", "first line"),
        (MAGIC, "first line"),
    ):
        path.write_bytes(broken)
        with pytest.raises(TamisError, match=said):
            load_index(path)


def test_the_same_in_other_words_is_flagged_and_a_verifier_may_deny_it(index: ItemIndex) -> None:
    said = "Petra walks 14 km beside a canal each Monday and rides a bicycle double that distance on Thursdays with the neighbour; the total in three weeks?"  # noqa: E501
    chat, none = turns([("user", "Bake bread.")], [("user", said)]), pl.Series([], dtype=pl.Int64)
    found = Meanings.of(index, 0.6).find(chat, "prompt", none)
    assert found.select("row", "name", "verdict", "action").rows() == [(1, "long", "meaning", "flag")]
    assert len(Meanings.of(index, 0.6).find(chat, "prompt", pl.Series([1]))) == 0
    asked: list[tuple[str, str]] = []

    def verify(item: str, text: str) -> bool:
        asked.append((item, text))
        return len(asked) < 2

    meanings = Meanings.of(index, 0.6, verify=verify)
    assert meanings.find(chat, "prompt", none)["verdict"].to_list() == ["meaning, verified"]
    assert asked == [(LONG, said)]
    assert len(meanings.find(chat, "prompt", none)) == 0
