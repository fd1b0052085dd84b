"""LLaMA-Factory's own converters and processors, out of its wheel.

It pins versions that do not install beside ours, so only the modules that make examples of rows are imported, with its
logging and constants replaced. `TAMIS_LLAMA_FACTORY` names the unpacked wheel:

    pip download --no-deps llamafactory==0.9.5 && unzip llamafactory-0.9.5-py3-none-any.whl -d FOLDER
"""

from __future__ import annotations

import copy
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

FOLDER = os.environ.get("TAMIS_LLAMA_FACTORY")
COLUMNS = {
    "load_from": "file", "dataset_name": "x", "ranking": False, "system": None, "tools": None, "images": None,
    "videos": None, "audios": None, "chosen": "chosen", "rejected": "rejected", "kto_tag": None,
    "prompt": "instruction", "query": "input", "response": "output", "history": None, "messages": "conversations",
    "role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt",
    "observation_tag": "observation", "function_tag": "function_call", "system_tag": "system",
}  # fmt: skip
OPENAI = {
    "messages": "messages", "role_tag": "role", "content_tag": "content", "user_tag": "user",
    "assistant_tag": "assistant", "observation_tag": "tool", "function_tag": "function_call",
}  # fmt: skip


class _Silent:
    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def load() -> dict[str, ModuleType]:
    """The modules, imported without the packages around them."""
    root = Path(str(FOLDER)) / "llamafactory"
    for name in ("", ".extras", ".data", ".data.processor"):
        package = ModuleType(f"llamafactory{name}")
        package.__path__ = [str(root / name.replace(".", "/").strip("/"))]
        sys.modules[f"llamafactory{name}"] = package
    logging, constants = ModuleType("llamafactory.extras.logging"), ModuleType("llamafactory.extras.constants")
    logging.get_logger = lambda *_: _Silent()  # type: ignore[attr-defined]
    for name, value in (("IGNORE_INDEX", -100), ("IMAGE_PLACEHOLDER", "<image>")):
        setattr(constants, name, value)
    for module in (logging, constants):
        sys.modules[module.__name__] = module
        setattr(sys.modules["llamafactory.extras"], module.__name__.rpartition(".")[2], module)
    wanted = ("converter", "formatter", "processor.supervised", "processor.pairwise", "processor.feedback")
    return {name.rpartition(".")[2]: importlib.import_module(f"llamafactory.data.{name}") for name in wanted}


class Words:
    """A tokenizer of one token a word."""

    eos_token_id = pad_token_id = 0


class Template:
    """Its own formatters of messages, calls and tools, with nothing around the texts."""

    efficient_eos, preserve_thinking = False, True

    def __init__(self, formatter: Any, *, media: bool) -> None:
        self.text = formatter.StringFormatter(slots=["{{content}}"])
        self.call = formatter.FunctionFormatter(slots=["{{content}}"], tool_format="default")
        self.tools = formatter.ToolFormatter(tool_format="default")
        self.media, self.mm_plugin = media, self

    def process_messages(self, messages: Any, images: Any, videos: Any, audios: Any, _: Any) -> Any:
        """The check of the plugins for multimodal models (`_validate_messages`)."""
        for token, given in (("<image>", images), ("<video>", videos), ("<audio>", audios)):
            written = sum(message["content"].count(token) for message in messages)
            if self.media and written != len(given):
                raise ValueError(token)
        return messages

    def process_token_ids(self, ids: Any, labels: Any, *_: Any) -> Any:
        """Nothing is added to the tokens."""
        return ids, labels

    def _encoded(self, messages: Any, system: Any, tools: Any) -> list[list[str]]:
        encoded = []
        for number, message in enumerate(messages):
            words: list[str] = []
            if number == 0 and (system or tools):
                words += (system or "").split() + (self.tools.apply(content=tools)[0].split() if tools else [])
            if message["role"] == "function":
                parts = self.call.apply(
                    content=message["content"], thought_words=("<think>", "</think>"), tool_call_words=None
                )
            else:
                parts = self.text.apply(content=message["content"])
            encoded.append(words + [word for part in parts for word in part.split()])
        return encoded

    def encode_multiturn(self, _: Any, messages: Any, system: Any, tools: Any, *__: Any) -> Any:
        """Pairs of a prompt and an answer."""
        encoded = self._encoded(messages, system, tools)
        return [(encoded[i], encoded[i + 1]) for i in range(0, len(encoded), 2)]

    def encode_oneturn(self, _: Any, messages: Any, system: Any, tools: Any, *__: Any) -> Any:
        """One prompt and its answer."""
        *before, last = self._encoded(messages, system, tools)
        return [word for words in before for word in words], last


def verdicts(rows: list[Any], formatting: str, *, limit: int = 10**9, media: bool = False, **columns: Any) -> list[Any]:
    """What becomes of each row: `stops`, `blanked`, or its labels."""
    modules = load()
    present = set().union(*rows)
    named = {**COLUMNS, "formatting": formatting}
    named |= {name: name for name in ("system", "tools", "images", "kto_tag", "history") if name in present}
    form = SimpleNamespace(**{**named, **columns})
    convert = modules["converter"].DATASET_CONVERTERS[formatting](form, SimpleNamespace(media_dir=""))
    stage = "Pairwise" if form.ranking else "Feedback" if form.kto_tag else "Supervised"
    module = modules[stage.lower()]
    make = getattr(module, f"{stage}DatasetProcessor")(
        template=Template(modules["formatter"], media=media), tokenizer=Words(), processor=None,
        data_args=SimpleNamespace(cutoff_len=limit, mask_history=False, train_on_prompt=False),
    )  # fmt: skip
    return [_verdict(_as_loaded(row, present, form), convert, make) for row in rows]


def _as_loaded(row: Any, present: set[str], form: Any) -> Any:
    """The row as `datasets` gives it: what is missing is null, also in messages."""
    missing = present | {"instruction", "input", "output", "chosen", "rejected"}
    loaded = {**dict.fromkeys(missing), **copy.deepcopy(row)}
    turns = loaded.get(form.messages)
    for message in [*(turns if isinstance(turns, list) else []), loaded["chosen"], loaded["rejected"]]:
        if isinstance(message, dict):
            message.setdefault(form.role_tag, None)
            message.setdefault(form.content_tag, None)
    return loaded


def _verdict(row: Any, convert: Any, make: Any) -> Any:
    try:
        made = make.preprocess_dataset({name: [value] for name, value in convert(row).items()})
    except Exception:  # noqa: BLE001 - whatever it is, the run ends
        return "stops"
    labels = made.get("labels") or made.get("chosen_labels")
    return labels[0] if labels else "blanked"
