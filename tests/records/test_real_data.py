"""On every file of real data that holds rows the right schema is found, and each row is read or reported."""

from __future__ import annotations

from pathlib import Path

import pytest

import tamis
from tests.rows import THIN

pytestmark = pytest.mark.data

EVAL = "instructions/tatsu-lab_alpaca_eval--{}__model_outputs.json"
JUDGED = "judged/tatsu-lab_alpaca_eval--{}__gpt4_annotations.json"
FILES: dict[str, tuple[int, dict[str, int]]] = {
    # file: rows in it, and how many fit which schema
    "instructions/hiyouga_LLaMA-Factory--alpaca_en_demo.json": (999, {"alpaca": 999}),
    "instructions/hiyouga_LLaMA-Factory--v1_sft_demo.jsonl": (500, {"messages": 500}),
    "instructions/teknium1_GPTeacher--codegen-instruct.json": (4535, {"alpaca": 4535}),
    "instructions/teknium1_GPTeacher--roleplay-simple-deduped-roleplay-instruct.json": (1923, {"alpaca": 1923}),
    "instructions/yizhongw_self-instruct--seed_tasks.jsonl": (175, {"self-instruct": 175}),
    EVAL.format("NullModel"): (805, {"alpaca": 805}),
    EVAL.format("alpaca-7b"): (805, {"alpaca": 805}),
    EVAL.format("falcon-7b-instruct"): (805, {"alpaca": 805}),
    EVAL.format("gpt-3.5-turbo-0301"): (805, {"alpaca": 805}),
    EVAL.format("gpt4_1106_preview"): (805, {"alpaca": 805}),
    EVAL.format("llama-2-7b-chat-hf"): (805, {"alpaca": 805}),
    EVAL.format("oasst-sft-pythia-12b"): (805, {"alpaca": 805}),
    EVAL.format("text_davinci_001"): (803, {"alpaca": 803}),
    "dialogues/ShishirPatil_gorilla--BFCL_v4_multi_turn_base.json": (200, {"prompt-only": 200}),
    "dialogues/ShishirPatil_gorilla--BFCL_v4_simple_python.json": (400, {"prompt-only": 400}),
    "dialogues/ShishirPatil_gorilla--possible_answer__BFCL_v4_simple_python.json": (400, {}),
    "dialogues/google-research-datasets_dstc8-schema-guided-dialogue--dialogues_011.json": (51, {"dialogue": 51}),
    "dialogues/hiyouga_LLaMA-Factory--glaive_toolcall_en_demo.json": (300, {"sharegpt": 300}),
    "dialogues/lm-sys_FastChat--dummy_conversation.json": (500, {"sharegpt": 500}),
    "dialogues/sierra-research_tau-bench--MockAirlineDomainEnv-few_shot.jsonl": (19, {"transcript": 19}),
    "dialogues/sierra-research_tau-bench--MockRetailDomainEnv-few_shot.jsonl": (69, {"transcript": 69}),
    "judged/WeOpenML_PandaLM--testset-v1.json": (999, {"pairwise": 999}),
    "judged/hiyouga_LLaMA-Factory--dpo_en_demo.json": (300, {"preference": 300}),
    "judged/hiyouga_LLaMA-Factory--kto_en_demo.json": (300, {"kto-messages": 300}),
    "judged/princeton-nlp_LLMBar--LLMBar_Adversarial_Manual.json": (46, {"pairwise": 46}),
    "judged/princeton-nlp_LLMBar--LLMBar_Natural.json": (100, {"pairwise": 100}),
    JUDGED.format("alpaca-7b"): (805, {"pairwise": 805}),
    JUDGED.format("gpt-3.5-turbo-0301"): (805, {"pairwise": 805}),
    JUDGED.format("text_davinci_001"): (805, {"pairwise": 805}),
    "tasks/PolyAI-LDN_task-specific-datasets--banking_data__test.csv": (3080, {"text": 3080}),
    "tasks/defog-ai_sql-eval--idk.csv": (105, {"question-answer": 105}),
    "tasks/defog-ai_sql-eval--instruct_basic_postgres.csv": (40, {"question-answer": 40}),
    "tasks/defog-ai_sql-eval--questions_gen_postgres.csv": (210, {"question-answer": 210}),
    "tasks/openai_grade-school-math--data__train.jsonl": (7473, {"question-answer": 7473}),
    "duplicates/teknium1_GPTeacher--toolformer-dedupe-only-dataset.json": (7673, {"alpaca": 7673}),
    "duplicates/teknium1_GPTeacher--toolformer-similarity-0.6-dataset.json": (2396, {"alpaca": 2396}),
    "duplicates/teknium1_GPTeacher--toolformer-similarity-0.8-dataset.json": (4709, {"alpaca": 4709}),
}
NO_ROWS = {"duplicates/amao0o0_SynWMD--sts-dev.csv", "duplicates/amao0o0_SynWMD--LICENSE.txt"}
FOLDERS = ("instructions", "dialogues", "judged", "tasks", "duplicates")


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_by_its_schema(name: str, data: Path, tmp_path: Path) -> None:
    total, schemas = FILES[name]
    source = data / name
    result = tamis.prune(source, tmp_path / f"out{source.suffix}", recipe=THIN)
    audit = result.audit
    assert audit.total == total
    assert {entry["name"]: entry["rows"] for entry in audit.summary()["schemas"]} == schemas
    assert audit.unreadable.height == total - sum(schemas.values())
    text, kept = source.read_bytes(), (tmp_path / f"out{source.suffix}").read_bytes()
    places = audit.rows.filter(audit.rows["row"].is_in(audit.kept.implode())).select("start", "stop")
    assert all(text[start:stop] in kept for start, stop in places.head(50).iter_rows())
    if not result.n_dropped and not result.n_unreadable:
        assert kept == text


def test_what_is_no_data_to_train_on_is_told_with_a_reason(data: Path) -> None:
    audit = tamis.audit(
        data / "dialogues/ShishirPatil_gorilla--possible_answer__BFCL_v4_simple_python.json", recipe=THIN
    )
    (reason,) = audit.unreadable["reason"].unique()
    assert reason == "no known schema fits the fields id, ground_truth; --map or --schema can say what they are"


def test_every_file_of_rows_is_in_the_table(data: Path) -> None:
    found = {str(path.relative_to(data)) for folder in FOLDERS for path in (data / folder).iterdir()}
    assert found == FILES.keys() | NO_ROWS
