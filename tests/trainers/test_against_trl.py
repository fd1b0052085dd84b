"""The rules for TRL against TRL: its own preparation of datasets, with a tokenizer of one token a word.

Skipped without trl, which is no dependency: `pip install trl` (1.16.0 was used) beside torch.
"""

from __future__ import annotations

import copy
import warnings
from types import SimpleNamespace
from typing import Any

import pytest

from tamis.trainers import trl
from tamis.trainers._trainer import Reading, Row, TooLong

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sft = pytest.importorskip("trl.trainer.sft_trainer")
    dpo = pytest.importorskip("trl.trainer.dpo_trainer")
    kto = pytest.importorskip("trl.trainer.kto_trainer")
    datasets = pytest.importorskip("datasets")
    transformers = pytest.importorskip("transformers")

pytestmark = pytest.mark.filterwarnings("ignore")
LIMIT = 12
CHATML = (
    "{% for message in messages %}{{ '<|im_start|> ' + message['role'] + ' | ' + message['content'] "
    "+ ' <|im_end|> | ' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|> assistant | ' }}{% endif %}"
)
WORDS = " ".join(f"w{i}" for i in range(40))


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    import tokenizers

    vocabulary = {word: i for i, word in enumerate(["<unk>", "</s>"])}
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=words, eos_token="</s>", unk_token="<unk>")
    made.chat_template = CHATML
    return made


def prepared(rows: list[Row], tokenizer: Any, method: str) -> Any:
    """What TRL makes of rows, or the error that stops it."""
    module, name = {"sft": (sft, "SFT"), "dpo": (dpo, "DPO"), "kto": (kto, "KTO")}[method]
    trainer = getattr(module, f"{name}Trainer")
    settings = SimpleNamespace(
        dataset_num_proc=None, dataset_text_field="text", assistant_only_loss=False, max_length=LIMIT,
        truncation_mode="keep_start", shuffle_dataset=False, seed=0, per_device_train_batch_size=1,
    )  # fmt: skip
    fields = {"chat_template": None, "_tokenizer": tokenizer, "calculate_KL": False}
    myself = SimpleNamespace(**fields, completion_only_loss="prompt" in rows[0] and "completion" in rows[0])
    table = datasets.Dataset.from_list(copy.deepcopy(rows))
    extra = {"packing": False, "formatting_func": None} if method == "sft" else {}
    return trainer._prepare_dataset(
        myself, dataset=table, processing_class=tokenizer, args=settings, dataset_name="train", **extra
    )


def judged(row: Row) -> tuple[bool, bool]:
    """Whether our rules say that the run stops, and that nothing of the row is learnt."""
    shape = trl.TRAINER.shape_of([row])
    reading = trl.TRAINER.read(row, shape)
    _measure(reading, (shape and shape.too_long) or trl.TRAINER.too_long)
    return any(kind.stops for kind, _ in reading.problems), reading.is_lost


def _measure(reading: Reading, too_long: TooLong) -> None:
    for example in reading.examples:
        lengths = [len(piece.text.split()) + piece.added for piece in example]
        if sum(lengths) > LIMIT:
            reading.add(*too_long(lengths, [piece.answer for piece in example], LIMIT))


USER = {"role": "user", "content": "w1 w2"}
ANSWER = {"role": "assistant", "content": "w3"}
GOOD: list[tuple[str, Row]] = [
    ("sft", {"prompt": "w1 w2", "completion": "w3"}),
    ("sft", {"messages": [USER, ANSWER]}),
    ("sft", {"conversations": [{"from": "user", "value": "w1"}, {"from": "assistant", "value": "w2"}]}),
    ("sft", {"prompt": [USER], "completion": [ANSWER]}),
    ("sft", {"text": "w1 w2 w3"}),
    ("sft", {"prompt": "w1", "completion": WORDS}),
    ("sft", {"messages": [USER, ANSWER], "tools": "[]"}),
    ("dpo", {"prompt": "w1", "chosen": "w2", "rejected": "w3"}),
    ("dpo", {"chosen": [USER, ANSWER], "rejected": [USER, {"role": "assistant", "content": "w9"}]}),
    ("kto", {"prompt": "w1", "completion": "w2", "label": True}),
]
STOPPING: list[tuple[str, Row]] = [
    ("sft", {"prompt": "w1", "completion": None}),
    ("sft", {"prompt": None, "completion": "w1"}),
    ("sft", {"prompt": [USER], "completion": "w1"}),
    ("sft", {"prompt": "w1", "completion": [ANSWER]}),
    ("sft", {"messages": []}),
    ("sft", {"conversations": [USER, ANSWER]}),
    ("sft", {"text": None}),
    ("sft", {"question": "w1", "answer": "w2"}),
    ("sft", {"messages": [USER, ANSWER], "tools": "[bad"}),
    ("dpo", {"prompt": "w1", "chosen": None, "rejected": "w3"}),
    ("dpo", {"prompt": "w1", "chosen": "w2", "rejected": [ANSWER]}),
    ("dpo", {"chosen": [USER, ANSWER], "rejected": [ANSWER]}),
    ("kto", {"prompt": "w1", "completion": None, "label": True}),
]
LOST: list[tuple[str, Row]] = [
    ("sft", {"prompt": WORDS, "completion": "w1"}),
    ("sft", {"prompt": [{"role": "user", "content": WORDS}], "completion": [ANSWER]}),
    ("dpo", {"prompt": WORDS, "chosen": "w1", "rejected": "w2"}),
    ("kto", {"prompt": WORDS, "completion": "w1", "label": False}),
]


@pytest.mark.parametrize(("method", "row"), GOOD)
def test_what_trl_trains_on_is_let_through(method: str, row: Row, tokenizer: Any) -> None:
    assert len(prepared([row], tokenizer, method)) == 1
    assert judged(row) == (False, False)


@pytest.mark.parametrize(("method", "row"), STOPPING)
def test_what_stops_trl_is_rejected(method: str, row: Row, tokenizer: Any) -> None:
    with pytest.raises(Exception):  # noqa: B017 - which error it is depends on the release
        prepared([row], tokenizer, method)
    assert judged(row)[0]


def test_a_conversation_that_is_no_list_stops_trl_or_empties_the_file(tokenizer: Any) -> None:
    assert len(prepared([{"messages": None}], tokenizer, "sft")) == 0  # where it is the first: all columns are removed
    with pytest.raises(Exception):  # noqa: B017 - which error it is depends on the release
        prepared([{"messages": [USER, ANSWER]}, {"messages": None}], tokenizer, "sft")
    assert judged({"messages": None})[0]


@pytest.mark.parametrize(("method", "row"), LOST)
def test_what_trl_drops_as_masked_is_masked(method: str, row: Row, tokenizer: Any) -> None:
    assert len(prepared([row], tokenizer, method)) == 0
    assert judged(row) == (False, True)


def test_of_a_conversation_only_the_prompt_is_learnt_where_the_answer_is_cut_off(tokenizer: Any) -> None:
    row = {"messages": [{"role": "user", "content": WORDS}, ANSWER]}
    (kept,) = prepared([row], tokenizer, "sft")
    assert kept["labels"] == kept["input_ids"]
    assert judged(row) == (False, True)


@pytest.mark.parametrize("words", range(6, 16))
def test_masking_begins_at_the_same_length_of_the_prompt(words: int, tokenizer: Any) -> None:
    row = {"prompt": " ".join("w" * words), "completion": "w1"}
    assert (len(prepared([row], tokenizer, "sft")) == 0) == judged(row)[1]


@pytest.mark.parametrize(
    "rows",
    [
        [{"prompt": "w1", "completion": "w2"}, {"prompt": [USER], "completion": [ANSWER]}],
        [{"prompt": "w1", "completion": "w2"}, {"prompt": "w1"}],
    ],
)
def test_rows_that_are_not_alike_stop_trl(rows: list[Row], tokenizer: Any, tmp_path: Any) -> None:
    import orjson

    import tamis

    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    loaded = datasets.load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache"))
    with pytest.raises(Exception):  # noqa: B017 - which error it is depends on the release
        prepared([dict(row) for row in loaded], tokenizer, "sft")
    found = tamis.preflight(path, trainer="trl").summary()
    assert found["rejected"] == 1
    assert any(rule["stops"] for rule in found["rules"])
