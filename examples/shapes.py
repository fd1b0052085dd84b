"""How a record looks in each of the dataset shapes that trainers read."""

import json
from collections.abc import Callable
from typing import Any

from bank import Field, Record

Row = dict[str, Any]

TOOLS = {
    "change_address": "Send an order to another address",
    "check_stock": "How many of an item a store has",
    "convert": "Convert an amount of money between two currencies",
    "find_order": "Status of an order",
    "get_forecast": "Weather forecast for a city",
    "list_free_hours": "Free hours in the shared calendar",
    "move_event": "Move an event in the shared calendar",
    "search_trains": "First and last train between two cities",
}
SHAREGPT_ROLES = {"user": "human", "assistant": "gpt", "call": "function_call", "result": "observation"}


def alpaca(record: Record) -> Row:
    """`instruction`, `input`, `output`, and where the row came from."""
    return {
        "instruction": record.text("prompt"),
        "input": record.text("input"),
        "output": record.text("answer"),
        "source": record.source,
    }


def pair(record: Record) -> Row:
    """`prompt`, `completion`, `source`."""
    return {"prompt": record.text("prompt"), "completion": record.text("answer"), "source": record.source}


def preference(record: Record) -> Row:
    """`prompt`, `chosen`, `rejected`."""
    return {name: record.text(name) for name in ("prompt", "chosen", "rejected")}


def ticket(record: Record) -> Row:
    """`question`, `answer`, and the `context` that holds the answer."""
    return {
        "question": record.text("prompt"),
        "answer": record.text("answer"),
        "context": record.text("context"),
    }


def test_item(record: Record) -> Row:
    """`question` and `answer`, as benchmarks have them."""
    return {"question": record.text("prompt"), "answer": record.text("answer")}


def openai(record: Record) -> Row:
    """`messages` as in OpenAI's fine-tuning files, with `tools` where a tool is called.

    The options `parts` and `think tags` choose between the two ways of writing content and reasoning.
    """
    messages: list[Row] = []
    thought = ""
    for number, field in enumerate(record.fields):
        if field.name == "think":
            thought = field.text
        elif field.name == "call":
            name, arguments = _call(field)
            function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
            call = {"id": f"call_{number}", "type": "function", "function": function}
            messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        elif field.name == "result":
            messages.append({"role": "tool", "tool_call_id": f"call_{number - 1}", "content": field.text})
        else:
            messages.append(_message(field, thought, record.options))
            thought = ""
    return {"messages": messages, **_tools(record, list), "source": record.source}


def sharegpt(record: Record) -> Row:
    """`conversations` of `from` and `value`, with `tools` as a JSON string where a tool is called."""
    turns = [
        {"from": SHAREGPT_ROLES.get(field.name, field.name), "value": _sharegpt_value(field)} for field in record.fields
    ]
    return {"conversations": turns, **_tools(record, json.dumps), "source": record.source}


def _message(field: Field, thought: str, options: frozenset[str]) -> Row:
    text = f"<think>\n{thought}\n</think>\n\n{field.text}" if thought and "think tags" in options else field.text
    message: Row = {
        "role": field.name,
        "content": [{"type": "text", "text": text}] if "parts" in options else text,
    }
    if thought and "think tags" not in options:
        message["reasoning_content"] = thought
    return message


def _sharegpt_value(field: Field) -> str:
    if field.name != "call":
        return field.text
    name, arguments = _call(field)
    return json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)


def _call(field: Field) -> tuple[str, Row]:
    name, _, arguments = field.text.partition(" ")
    return name, json.loads(arguments)


def _tools(record: Record, pack: Callable[[list[Row]], Any]) -> Row:
    """The `tools` column: a JSON schema for each tool called, with the argument names it is called with."""
    schemas: dict[str, Row] = {}
    for name, arguments in (_call(field) for field in record.fields if field.name == "call"):
        types = {key: "string" if isinstance(value, str) else "number" for key, value in arguments.items()}
        properties = {key: {"type": kind} for key, kind in types.items()}
        parameters = {"type": "object", "properties": properties, "required": list(properties)}
        schemas[name] = {"name": name, "description": TOOLS[name], "parameters": parameters}
    functions = [{"type": "function", "function": schema} for schema in schemas.values()]
    return {"tools": pack(functions)} if functions else {}


def as_written(record: Record) -> Row:
    """The row that the record spells out in JSON."""
    row: Row = json.loads(record.text("raw"))
    return row
