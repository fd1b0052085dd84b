"""A row of every schema that trainers use, its name, and the turns it must give: (role, text, what else)."""

from __future__ import annotations

import json
from typing import Any

Q, A, B = "What is 1 + 1?", "2", "3"
ASKED, SAID = ("user", Q), ("assistant", A)
REJECTED = ("rejected assistant", B)
CHAT = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]
CALL = [{"type": "function", "function": {"name": "add", "arguments": {"a": 1}}}]
TOOLS = [{"type": "function", "function": {"name": "add"}}]

CASES: dict[str, tuple[Any, ...]] = {
    # alpaca and its relatives
    "alpaca": ({"instruction": Q, "input": "", "output": A}, "alpaca", ASKED, SAID),
    "alpaca with an input": (
        {"instruction": "Add.", "input": "1, 1", "output": A},
        "alpaca",
        ("user", "Add.\n\n1, 1"),
        SAID,
    ),
    "gpteacher": ({"instruction": Q, "input": "", "response": A}, "alpaca", ASKED, SAID),
    "dolly": (
        {"instruction": "Add.", "context": "1, 1", "response": A, "category": "qa"},
        "alpaca",
        ("user", "Add.\n\n1, 1"),
        SAID,
    ),
    "oasst": ({"INSTRUCTION": Q, "RESPONSE": A}, "alpaca", ASKED, SAID),
    "instruction and answer": ({"instruction": Q, "answer": A}, "alpaca", ASKED, SAID),
    "null input and number": ({"instruction": Q, "input": None, "output": 2}, "alpaca", ASKED, SAID),
    "llama-factory history": (
        {"instruction": Q, "input": "", "output": A, "system": "Count.", "history": [["Hi", "Hello"]]},
        "alpaca",
        ("system", "Count."),
        ("user", "Hi"),
        ("assistant", "Hello"),
        ASKED,
        SAID,
    ),
    "self-instruct": (
        {
            "instruction": "Add.",
            "instances": [{"input": "1, 1", "output": "2"}, {"input": "", "output": "0"}],
            "is_classification": False,
        },
        "self-instruct",
        ("user", "Add.\n\n1, 1"),
        SAID,
        ("user", "Add."),
        ("assistant", "0"),
    ),
    # pairs
    "prompt-completion": ({"prompt": Q, "completion": A}, "prompt-completion", ASKED, SAID),
    "metharme": ({"prompt": Q, "generation": A}, "prompt-completion", ASKED, SAID),
    "question-answer": ({"question": Q, "answer": A}, "question-answer", ASKED, SAID),
    "jeopardy": ({"question": Q, "category": "sums", "answer": A}, "question-answer", ASKED, SAID),
    "open orca": (
        {"system_prompt": "Count.", "question": Q, "response": A},
        "question-answer",
        ("system", "Count."),
        ASKED,
        SAID,
    ),
    "context qa": (
        {"context": "Sums.", "question": Q, "answer": A},
        "question-answer",
        ("user", f"{Q}\n\nSums."),
        SAID,
    ),
    "text to sql": ({"question": Q, "query": "SELECT 2"}, "question-answer", ASKED, ("assistant", "SELECT 2")),
    "input-output": ({"input": Q, "output": A}, "input-output", ASKED, SAID),
    "article-summary": ({"article": Q, "summary": A}, "article-summary", ASKED, SAID),
    # conversations
    "messages": ({"messages": CHAT}, "messages", ASKED, SAID),
    "messages under conversations": ({"conversations": CHAT}, "messages", ASKED, SAID),
    "content parts": (
        {
            "messages": [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": Q}, {"type": "image"}, {"type": "audio", "path": "x"}],
                },
                CHAT[1],
            ]
        },
        "messages",
        ("user", Q, {"media": 2}),
        SAID,
    ),
    "tool calls": (
        {
            "messages": [
                CHAT[0],
                {"role": "assistant", "content": None, "tool_calls": CALL},
                {"role": "tool", "tool_call_id": "c1", "name": "add", "content": "2"},
                CHAT[1],
            ],
            "tools": TOOLS,
        },
        "messages",
        ASKED,
        ("assistant", "", {"tool_calls": json.dumps(CALL, separators=(",", ":"))}),
        ("tool", "2", {"tool_call_id": "c1", "name": "add"}),
        SAID,
    ),
    "weights": (
        {"messages": [CHAT[0], {**CHAT[1], "weight": 0}]},
        "messages",
        ASKED,
        ("assistant", A, {"weight": 0.0}),
    ),
    "train marks": (
        {"messages": [CHAT[0], {**CHAT[1], "train": True}]},
        "messages",
        ASKED,
        ("assistant", A, {"weight": 1.0}),
    ),
    "developer": (
        {"messages": [{"role": "developer", "content": "Count."}, *CHAT]},
        "messages",
        ("developer", "Count."),
        ASKED,
        SAID,
    ),
    "reasoning_content": (
        {"messages": [CHAT[0], {**CHAT[1], "reasoning_content": "One, two."}]},
        "messages",
        ASKED,
        ("assistant", A, {"reasoning": "One, two."}),
    ),
    "thinking": (
        {"messages": [CHAT[0], {**CHAT[1], "thinking": "One, two."}]},
        "messages",
        ASKED,
        ("assistant", A, {"reasoning": "One, two."}),
    ),
    "<think>": (
        {"instruction": Q, "output": "<think>\nOne, two.\n</think>\n\n2"},
        "alpaca",
        ASKED,
        ("assistant", A, {"reasoning": "One, two."}),
    ),
    "sharegpt": (
        {"conversations": [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]},
        "sharegpt",
        ASKED,
        SAID,
    ),
    "sharegpt with tools": (
        {
            "conversations": [
                {"from": "human", "value": Q},
                {"from": "function_call", "value": '{"name": "add"}'},
                {"from": "observation", "value": "2"},
                {"from": "gpt", "value": A},
            ],
            "system": "Count.",
            "tools": "[]",
        },
        "sharegpt",
        ("system", "Count."),
        ASKED,
        ("assistant", "", {"tool_calls": '{"name": "add"}'}),
        ("tool", "2"),
        SAID,
    ),
    "pygmalion": (
        {"conversations": [{"role": "user", "value": Q}, {"role": "model", "value": A}]},
        "messages",
        ASKED,
        SAID,
    ),
    "schema-guided": (
        {"turns": [{"speaker": "USER", "utterance": Q}, {"speaker": "SYSTEM", "utterance": A}]},
        "dialogue",
        ASKED,
        SAID,
    ),
    # text
    "text": ({"text": Q}, "text", ("text", Q)),
    "hh-rlhf transcript": ({"text": f"\n\nHuman: {Q}\n\nAssistant: {A}"}, "transcript", ASKED, SAID),
    "segments": ({"segments": [{"label": False, "text": Q}, {"label": True, "text": A}]}, "segments", ASKED, SAID),
    "prompt only": ({"prompt": Q}, "prompt-only", ASKED),
    "prompt only messages": ({"prompt": CHAT[:1]}, "prompt-only", ASKED),
    # preference
    "preference": ({"prompt": Q, "chosen": A, "rejected": B}, "preference", ASKED, SAID, REJECTED),
    "intel": (
        {"system": "Count.", "question": Q, "chosen": A, "rejected": B},
        "preference",
        ("system", "Count."),
        ASKED,
        SAID,
        REJECTED,
    ),
    "argilla": ({"instruction": Q, "chosen_response": A, "rejected_response": B}, "preference", ASKED, SAID, REJECTED),
    "icr": ({"input": Q, "chosen": A, "rejected": B}, "preference", ASKED, SAID, REJECTED),
    "messages preference": (
        {"prompt": CHAT[:1], "chosen": CHAT[1:], "rejected": [{**CHAT[1], "content": B}]},
        "preference",
        ASKED,
        SAID,
        REJECTED,
    ),
    "implicit prompt": (
        {"chosen": CHAT, "rejected": [CHAT[0], {**CHAT[1], "content": B}]},
        "preference",
        ASKED,
        SAID,
        REJECTED,
    ),
    "chat and dicts": (
        {"messages": CHAT[:1], "chosen": CHAT[1], "rejected": {**CHAT[1], "content": B}},
        "preference",
        ASKED,
        SAID,
        REJECTED,
    ),
    "llama-factory dpo": (
        {
            "conversations": [{"from": "human", "value": Q}],
            "chosen": {"from": "gpt", "value": A},
            "rejected": {"from": "gpt", "value": B},
        },
        "preference",
        ASKED,
        SAID,
        REJECTED,
    ),
    "openai dpo": (
        {
            "input": {"messages": CHAT[:1]},
            "preferred_output": [CHAT[1]],
            "non_preferred_output": [{**CHAT[1], "content": B}],
        },
        "preference",
        ASKED,
        SAID,
        REJECTED,
    ),
    "hh-rlhf preference": (
        {"chosen": f"\n\nHuman: {Q}\n\nAssistant: {A}", "rejected": f"\n\nHuman: {Q}\n\nAssistant: {B}"},
        "preference",
        ASKED,
        SAID,
        REJECTED,
    ),
    "judged pair": ({"input": Q, "output_1": B, "output_2": A, "label": 2}, "pairwise", ASKED, SAID, REJECTED),
    # labels
    "kto": ({"prompt": Q, "completion": A, "label": True}, "kto", ASKED, SAID),
    "kto alpaca": ({"instruction": Q, "input": "", "output": A, "kto_tag": False}, "kto", ASKED, SAID),
    "kto messages": ({"messages": CHAT, "label": False}, "kto-messages", ASKED, SAID),
    "stepwise": (
        {"prompt": Q, "completions": ["One.", "Two."], "labels": [True, False]},
        "stepwise",
        ASKED,
        ("assistant", "One.\nTwo."),
    ),
}
