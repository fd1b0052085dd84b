"""Does pruning help? A small language model trained on what tamis keeps, and on what it does not.

python -m benchmarks.downstream              writes benchmarks/results/downstream.json; under an hour on two idle cores
python -m benchmarks.downstream --smoke      every step on a few rows, and writes nothing

Two sets of rows: GPTeacher's code and role-play as they are, and the same with 20 % of the rows made faulty by a
seeded hand (`FAULTS`). Four arms of each: all rows; what `tamis prune` keeps; random rows of as many tokens as those;
the rows it drops. The default recipe drops no row of the first set, so that one is pruned with `strict` (`RECIPES`).
Every arm has the same tokenizer, model and number of steps, so the arms differ in their data alone; a small arm is gone
over more often. The loss is that of answers, on two held-out sets: preferred answers of PandaLM and LLMBar (judged by
people), and a tenth of the rows, taken out before anything is planted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import tamis
from benchmarks.machine import describe, versions
from training import judged

DATA = Path(os.environ.get("TAMIS_DATA", "../shared/data"))
RESULTS = Path(__file__).parent / "results" / "downstream.json"
FILES = (
    "instructions/teknium1_GPTeacher--codegen-instruct.json",
    "instructions/teknium1_GPTeacher--roleplay-simple-deduped-roleplay-instruct.json",
)
ARMS = ("all", "pruned", "random", "dropped")
RECIPES = {"as it is": "strict", "20 % planted": "default"}
DRAWS = 2000

Row = dict[str, str]
Example = tuple[list[int], list[int]]
"""The tokens of a prompt, and of its answer."""


@dataclass(frozen=True)
class Settings:
    """What is trained, and on how much."""

    rows: int | None = None
    seeds: tuple[int, ...] = (1, 2, 3)
    noise: float = 0.2
    vocabulary: int = 2048
    width: int = 192
    layers: int = 4
    heads: int = 6
    context: int = 256
    batch: int = 8
    steps: int = 250
    rate: float = 1e-3
    evaluated: int = 400


SMOKE = Settings(rows=240, seeds=(1, 2), vocabulary=400, width=32, layers=1, heads=2, context=64, steps=6, evaluated=12)


def read_rows(settings: Settings) -> list[Row]:
    """The rows of both files, one a prompt, in a seeded order."""
    found: dict[tuple[str, str], Row] = {}
    for file in FILES:
        for row in json.loads((DATA / file).read_text("utf-8")):
            asked = row["instruction"], row["input"]
            found.setdefault(asked, {"instruction": asked[0], "input": asked[1], "output": row["response"]})
    rows = [row for row in found.values() if row["output"].strip()]
    random.Random(0).shuffle(rows)
    return rows[: settings.rows]


def _cut(row: Row, _: Row) -> Row:
    words = row["output"].split(" ")
    return {**row, "output": " ".join(words[: max(8, len(words) // 3)]).rstrip(".!?\n") + " and the"}


def _looped(row: Row, _: Row) -> Row:
    return {**row, "output": (row["output"][:120].strip() + " ") * 12}


FAULTS: dict[str, Callable[[Row, Row], Row]] = {
    "answer of another row": lambda row, other: {**row, "output": other["output"]},
    "copy of another row": lambda _, other: dict(other),
    "breaks off": _cut,
    "loops": _looped,
    "mojibake": lambda row, _: {**row, "output": row["output"].replace("'", "â€™").replace(" e", " Ã©")},
    "declines": lambda row, _: {**row, "output": "I'm sorry, but as an AI language model I cannot do that."},
    "no answer": lambda row, _: {**row, "output": "N/A"},
}
"""Some that tamis looks for, and one, the answer of another row, that its default recipe does not."""


def planted(rows: list[Row], share: float) -> tuple[list[Row], dict[str, int]]:
    """The rows with a share of them made faulty, each fault as often as the others, and how many of each."""
    rng, kinds = random.Random(1), list(FAULTS)
    chosen = sorted(rng.sample(range(len(rows)), round(share * len(rows))))
    made, counts = list(rows), dict.fromkeys(kinds, 0)
    for place, row in enumerate(chosen):
        kind = kinds[place % len(kinds)]
        made[row] = FAULTS[kind](rows[row], rows[rng.randrange(len(rows))])
        counts[kind] += 1
    return made, counts


def prompt_of(row: Row) -> str:
    """What stands before the answer."""
    given = f"\n{row['input']}" if row["input"] else ""
    return f"### Instruction:\n{row['instruction']}{given}\n### Response:\n"


def tokenizer_of(rows: Iterable[Row], size: int) -> Any:
    """A byte-level BPE of all training rows, the same for every arm."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=["<end>"], initial_alphabet=alphabet)
    made.train_from_iterator((prompt_of(row) + row["output"] for row in rows), trainer)
    return made


def examples(rows: list[Row], tokenizer: Any) -> list[Example]:
    """Each row's tokens; an answer ends with the token 0."""
    prompts = tokenizer.encode_batch([prompt_of(row) for row in rows])
    answers = tokenizer.encode_batch([row["output"] for row in rows])
    return [(asked.ids, [*said.ids, 0]) for asked, said in zip(prompts, answers, strict=True)]


def kept_of(rows: list[Row], recipe: str) -> set[int]:
    """The rows that the recipe keeps."""
    return set(tamis.prune(pl.DataFrame(rows).with_row_index("number"), recipe=recipe).kept["number"].to_list())


def arms_of(kept: set[int], found: list[Example], seed: int) -> dict[str, list[Example]]:
    """The arms that have rows; the random one differs from seed to seed."""
    sizes = [len(asked) + len(said) for asked, said in found]
    room, drawn = sum(sizes[row] for row in kept), []
    for row in np.random.default_rng(seed).permutation(len(found)).tolist():
        if room > 0:
            drawn.append(row)
            room -= sizes[row]
    chosen = {"all": range(len(found)), "pruned": sorted(kept), "random": sorted(drawn)}
    chosen["dropped"] = [row for row in range(len(found)) if row not in kept]
    return {arm: [found[row] for row in chosen[arm]] for arm in ARMS if chosen[arm]}


def model_of(settings: Settings) -> Any:
    """A decoder: learned places, pre-norm layers, the embedding tied to the output."""
    import torch
    from torch import nn

    class Decoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(settings.vocabulary, settings.width)
            self.places = nn.Embedding(settings.context, settings.width)
            nn.init.normal_(self.tokens.weight, std=0.02)
            nn.init.normal_(self.places.weight, std=0.02)
            layer = nn.TransformerEncoderLayer(
                settings.width, settings.heads, 4 * settings.width, 0.0, "gelu", batch_first=True, norm_first=True
            )
            self.layers = nn.TransformerEncoder(layer, settings.layers, enable_nested_tensor=False)
            self.last = nn.LayerNorm(settings.width)

        def forward(self, ids: Any) -> Any:
            n = ids.shape[1]
            ahead = nn.Transformer.generate_square_subsequent_mask(n)
            hidden = self.layers(self.tokens(ids) + self.places(torch.arange(n)), mask=ahead, is_causal=True)
            return self.last(hidden) @ self.tokens.weight.T

    return Decoder()


def losses(model: Any, ids: Any, answers: Any) -> Any:
    """The loss in nats of each predicted token, 0 where it is not one of an answer: shape (batch, context)."""
    from torch.nn import functional

    logits = model(ids[:, :-1])
    each = functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    return each.view(len(ids), -1) * answers[:, 1:]


def stream(found: list[Example], settings: Settings, seed: int) -> tuple[Any, Any]:
    """Steps x batch windows of context + 1 tokens: the rows one after another, shuffled anew for each turn."""
    import torch

    wanted = settings.steps * settings.batch * settings.context + 1
    rng, ids, marks = random.Random(seed), [], []
    while len(ids) < wanted:
        for asked, said in rng.sample(found, len(found)):
            ids += asked + said
            marks += [0] * len(asked) + [1] * len(said)
    size, shape = settings.context, (settings.steps, settings.batch, settings.context + 1)
    windows = (torch.tensor(some[:wanted]).unfold(0, size + 1, size).reshape(shape) for some in (ids, marks))
    return next(windows), next(windows)


def trained(found: list[Example], settings: Settings, seed: int) -> Any:
    """A model after all steps: AdamW, a warm-up of a tenth, then a cosine to nothing."""
    import torch

    torch.manual_seed(seed)
    model = model_of(settings)
    optimiser = torch.optim.AdamW(model.parameters(), settings.rate, betas=(0.9, 0.95), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.rate, settings.steps, pct_start=0.1)
    for ids, marks in zip(*stream(found, settings, seed), strict=True):
        loss = losses(model, ids, marks).sum() / marks[:, 1:].sum().clamp(min=1)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return model


def evaluated(model: Any, found: list[Example], settings: Settings) -> np.ndarray:
    """Nats a token of each answer: the end of its prompt and as much of the answer as fits the context."""
    import torch

    told = []
    with torch.no_grad():
        for asked, said in found:
            before = asked[-settings.context // 3 :]
            ids = (before + said)[: settings.context + 1]
            marks = torch.tensor([[0] * len(before) + [1] * (len(ids) - len(before))])
            told.append(float(losses(model, torch.tensor([ids]), marks).sum() / marks.sum()))
    return np.array(told)


def interval(values: np.ndarray) -> dict[str, float]:
    """The mean of a table (seeds, answers), and the middle 95 % over draws of both."""
    rng, (seeds, answers) = np.random.default_rng(7), values.shape
    means = [
        values[np.ix_(rng.integers(0, seeds, seeds), rng.integers(0, answers, answers))].mean() for _ in range(DRAWS)
    ]
    low, high = np.quantile(means, [0.025, 0.975])
    return {"value": float(values.mean()), "low": float(low), "high": float(high)}


def held_out(rows: list[Row], settings: Settings) -> dict[str, list[Row]]:
    """Preferred answers of the judged sets whose prompts are not in the rows, and a tenth of the rows themselves."""
    sets = [read(DATA / "judged") for read in judged.MAY_TRAIN.values()]
    known = {row["instruction"] for row in rows}
    clean = {
        pair.prompt: {"instruction": pair.question, "input": pair.given, "output": pair.preferred}
        for pairs in sets
        for pair in pairs
        if pair.question not in known and pair.preferred.strip()
    }
    return {"judged": list(clean.values())[: settings.evaluated], "own": rows[: len(rows) // 10][: settings.evaluated]}


def measured(
    rows: list[Row], recipe: str, held: dict[str, list[Row]], tokenizer: Any, settings: Settings
) -> dict[str, Any]:
    """Losses of every arm on both held-out sets, and the differences of arms, answer by answer."""
    found, kept = examples(rows, tokenizer), kept_of(rows, recipe)
    tests = {name: examples(some, tokenizer) for name, some in held.items()}
    tables: dict[str, dict[str, list[np.ndarray]]] = {name: {arm: [] for arm in ARMS} for name in tests}
    sizes: dict[str, dict[str, int]] = {}
    for seed in settings.seeds:
        for arm, chosen in arms_of(kept, found, seed).items():
            start = time.perf_counter()
            sizes[arm] = {"rows": len(chosen), "tokens": sum(len(asked) + len(said) for asked, said in chosen)}
            model = trained(chosen, settings, seed)
            for name, test in tests.items():
                tables[name][arm].append(evaluated(model, test, settings))
            print(seed, arm, sizes[arm], f"{time.perf_counter() - start:.0f} s", flush=True)
    losses_of = {name: {arm: np.stack(each) for arm, each in table.items() if each} for name, table in tables.items()}
    return {
        "recipe": recipe,
        "arms": sizes,
        "loss": {name: {arm: interval(table[arm]) for arm in table} for name, table in losses_of.items()},
        "pruned_less": {
            name: {arm: interval(table["pruned"] - table[arm]) for arm in table if arm != "pruned"}
            for name, table in losses_of.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="a few rows and steps; nothing is written")
    parser.add_argument("--steps", type=int, help="steps of each of the 24 trainings")
    told = parser.parse_args()
    settings = SMOKE if told.smoke else Settings()
    settings = replace(settings, steps=told.steps or settings.steps)
    started, rows = time.perf_counter(), read_rows(settings)
    held = held_out(rows, settings)
    rows = rows[len(rows) // 10 :]
    noisy, counts = planted(rows, settings.noise)
    tokenizer = tokenizer_of([*rows, *noisy], settings.vocabulary)
    settings = replace(settings, vocabulary=tokenizer.get_vocab_size())
    sets = {
        name: measured(some, recipe, held, tokenizer, settings)
        for (name, recipe), some in zip(RECIPES.items(), (rows, noisy), strict=True)
    }
    results = {"machine": describe(), "versions": versions(), "settings": asdict(settings), "planted": counts}
    results |= {"held_out": {name: len(some) for name, some in held.items()}, "sets": sets}
    results["parameters"] = sum(weights.numel() for weights in model_of(settings).parameters())
    results["minutes"] = (time.perf_counter() - started) / 60
    if told.smoke:
        print(json.dumps(results, indent=1))
    else:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
