"""Rows to test with: clean ones, and ones with the faults that rules look for, so that rules do fire."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tamis.recipe import built_in, parse

THIN = parse(
    {
        "name": "thin",
        "compute": [],
        "rules": {
            "copy": {"signal": "row_copies", "at_least": 2, "action": "drop"},
            "empty": {"signal": "empty_response", "action": "drop"},
        },
    }
)
"""Two rules that drop, and no signal besides: what is tested is what happens to the rows."""

QUESTIONS = (
    "Name a colour.",
    "Name  a\tcolour.",
    "What is the capital of France?",
    "Explain why the sky is blue in two sentences.",
    "Wie heißt die Hauptstadt von Österreich?",
    "写一首关于春天的诗。",
    "",
)
ANSWERS = (
    "Blue.",
    "Paris is the capital of France.",
    "Paris  is the\ncapital of France.",
    "",
    " \u200b\n",
    "N/A",
    "<nooutput>",
    "I'm sorry, but as an AI language model I cannot help with that request.",
    "The sky looks blue because air scatters short waves more than long ones. " * 12,
    "very " * 60,
    "It's cafÃ© time, donâ€™t you think so? It is the best of all the times.",
    "Here is the code:\n```python\nprint(1)\n",
    "Sure.<|im_end|>",
    "Dear [Your Name], thank you for writing to us about the order.",
    "What is the capital of France?",
    "The three main reasons for this are the weather, the water and the",
    "Write to jo.bloggs@example.org or call +44 20 7946 0958 before noon.",
    "bell\x07 and backspace\x08 are in here",
    "Wien ist die Hauptstadt von Österreich.",
    "春眠不觉晓,处处闻啼鸟。",
)
SOURCES = ("human", "synthetic", "forum")

recipes = st.sampled_from([*built_in(), *[THIN] * 12])
characters = st.characters(exclude_categories=["Cs"])
free_text = st.text(characters, max_size=40)
question = st.sampled_from(QUESTIONS) | free_text
answer = st.sampled_from(ANSWERS) | free_text


@st.composite
def pair(draw: st.DrawFn) -> dict[str, str]:
    """An alpaca row of strings alone, which every format can hold."""
    return {
        "instruction": draw(question),
        "input": draw(st.sampled_from(["", "noinput", "France", "Blue."])),
        "output": draw(answer),
        "source": draw(st.sampled_from(SOURCES)),
    }


@st.composite
def chat(draw: st.DrawFn) -> dict[str, Any]:
    """A conversation of a few turns, in any order of roles."""
    roles = st.sampled_from(["system", "user", "assistant", "assistant", "tool", "narrator"])
    turns = draw(st.lists(st.tuples(roles, question | answer), min_size=1, max_size=5))
    return {"messages": [{"role": role, "content": text} for role, text in turns]}


@st.composite
def preference(draw: st.DrawFn) -> dict[str, str]:
    """A prompt with a chosen and a rejected answer."""
    return {"prompt": draw(question), "chosen": draw(answer), "rejected": draw(answer)}


def several(row: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A few rows, some of them copies."""
    return st.lists(row, min_size=1, max_size=12).flatmap(
        lambda made: st.permutations(made + made[: len(made) // 3]).map(list)
    )


pairs = several(pair())
chats = several(chat())
any_rows = pairs | chats | several(preference())

BROKEN = (
    b'{"instruction": "cut',
    b"17",
    b'"text"',
    b"[1]",
    b"null",
    b'{"instruction": "caf\xe9", "output": "x"}',
    b'{"a": 1}',
)


@st.composite
def json_line(draw: st.DrawFn) -> bytes:
    """A record as a person or program may have written it: odd spaces, escapes, repeated keys, unknown fields."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(BROKEN))
    row: dict[str, Any] = draw(pair() | chat())
    if draw(st.booleans()):
        row["extra"] = draw(st.sampled_from([None, 1e400, 2**80, {"a": [True, {}]}, "\ud800", [[]], -0.0]))
    space = draw(st.sampled_from(["", " ", "\t", "  "]))
    text = json.dumps(row, ensure_ascii=draw(st.booleans()), separators=(f"{space},{space}", f"{space}:{space}"))
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if draw(st.integers(0, 5)) == 0:
        text = '{"instruction": "first of two", ' + text[1:]
    return (space + text + space).encode()


@st.composite
def json_lines(draw: st.DrawFn) -> tuple[list[bytes], bytes]:
    """Records, and a file of them with blank lines, either line end, perhaps a BOM and no final line end."""
    records = draw(st.lists(json_line(), min_size=1, max_size=10))
    records += records[: len(records) // 3]
    end = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n \t\r\n", b"\r\n\r\n"])
    ends = [draw(end) for _ in records]
    if draw(st.booleans()):
        ends[-1] = b""
    start = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\n", b"  \r\n"]))
    return records, start + b"".join(record + end for record, end in zip(records, ends, strict=True))
