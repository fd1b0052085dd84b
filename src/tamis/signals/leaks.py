"""Pieces of a chat template that stayed in the text."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import polars as pl

from tamis.inputs import Texts
from tamis.registry import first_match, signal

TOKENS: Final = (
    # ChatML (Qwen, Yi, OpenAI), GPT-2
    "<|im_start|>",
    "<|im_end|>",
    "<|im_sep|>",
    "<|im_middle|>",
    "<|endoftext|>",
    "<|endofprompt|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    # Llama 2, 3, 4; Mistral
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|python_tag|>",
    "<|header_start|>",
    "<|header_end|>",
    "<|eot|>",
    "<|begin_of_sentence|>",
    "<|end_of_sentence|>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "<</SYS>>",
    "[TOOL_CALLS]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    # Gemma, Phi, Zephyr, OpenAssistant, GLM, Command, gpt-oss, DeepSeek
    "<start_of_turn>",
    "<end_of_turn>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|end|>",
    "<|prompter|>",
    "<|observation|>",
    "<|tool|>",
    "[gMASK]",
    "<|START_OF_TURN_TOKEN|>",
    "<|END_OF_TURN_TOKEN|>",
    "<|SYSTEM_TOKEN|>",
    "<|USER_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
    "<|start|>",
    "<|channel|>",
    "<|message|>",
    "<|return|>",
    "<|end_of_turn|>",
    "<|eos|>",
    "<|bos|>",
    "<|pad|>",
    "<|sep|>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜tool▁calls▁begin｜>",
    "<｜tool▁calls▁end｜>",
    "<|end▁of▁sentence|>",
    "<|begin▁of▁sentence|>",
)
TEMPLATE_TOKENS: Final = "|".join(re.escape(token) for token in TOKENS)
_ABOUT_TEMPLATES: Final = r"(?i)chat ?ml|(?:chat|prompt) (?:template|format)|(?:special|control) tokens?"
TEMPLATE_HEADERS: Final = (
    r"(?m:^[ \t]*#{2,3} ?(?:Instruction|Response|Human|Assistant|User): ?)"
    r"|(?:^|\n\n)(?:ASSISTANT|USER|Human|Assistant): |</s>\s*$"
)
_HEADER_HINT: Final = r"Instruction:|Response:|Human:|Assistant:|User:|ASSISTANT: |USER: |</s>"
_ASKED_FOR: Final = (
    r"(?i)#{2,3} ?\w+:|\b(?:user|human|assistant|ai|bot): "
    r"|dialog|conversation|simulat|transcript|chat ?bot|\bplay\b|role-?play"
)


@signal(
    unit="count",
    source="cleanllm signatures; transformers issues 47822 and 29279",
    severity="high",
    reduce="sum",
    locate=first_match(TEMPLATE_TOKENS),
)
def template_tokens(texts: Texts, turns: pl.DataFrame, prompts: Texts) -> pl.Series:
    """Control tokens of chat templates left in a turn, such as `<|im_end|>`; null for raw text.

    A tokenizer turns such a string into the control token itself, so that the model learns to end a turn,
    or to begin another, in the middle of a text. A raw text (`text` rows) may be written in a template.

    A row in which the user asks about chat templates is left alone.

    False positives: text about chat templates that nobody asked for.

    >>> from tamis.signals.leaks import TEMPLATE_TOKENS
    >>> pl.Series(["Done.<|im_end|>", "a | b"]).str.count_matches(TEMPLATE_TOKENS).to_list()
    [1, 0]
    """
    raw = texts.at(turns.filter(pl.col("role") == "text"))
    counts = texts.text.str.count_matches(TEMPLATE_TOKENS)
    about = np.unique(prompts.row[prompts.text.str.contains(_ABOUT_TEMPLATES).to_numpy()])
    return counts.set(pl.Series(np.isin(texts.row, about)), 0).set(pl.Series(raw), None)


@signal(
    unit="count",
    source="cleanllm's signatures; transformers issues 47822 and 29279",
    severity="high",
    reduce="sum",
    locate=first_match(TEMPLATE_HEADERS),
)
def template_headers(responses: Texts, questions: Texts, turns: pl.DataFrame) -> pl.Series:
    """Lines in an answer that begin a turn of a prompt template: "### Human:", "ASSISTANT: "; or a last "</s>".

    Null for a row without an answer and for raw text. The model went on after its turn, or the template was
    not taken off. Lines of a dialogue or template that the question asks for, or has itself, do not count.

    False positives: plays and invented chats between a user and an assistant.
    """
    counts = responses.counts(TEMPLATE_HEADERS, hint=_HEADER_HINT)
    raw = responses.at(turns.filter(pl.col("role") == "text"))
    return responses.unasked(counts, questions, _ASKED_FOR).set(pl.Series(raw), None)
