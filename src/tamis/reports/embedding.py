"""Values as JSON that may stand inside a page: nothing in it can end the element that holds it."""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

_ESCAPED: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def as_json(value: Any, *, indent: bool = True) -> str:
    """JSON of plain values; NaN becomes null, and half a surrogate pair its escape.

    >>> as_json({"share": float("nan"), "text": "half \\ud800"}, indent=False)
    '{"share": null, "text": "half \\\\ud800"}'
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else 0).decode()
    except TypeError:  # orjson takes no lone surrogate
        return json.dumps(_without_nan(value), indent=2 if indent else None)


def embedded(value: Any) -> str:
    """JSON for a script element of another type than a script's: no `<`, `>`, `&` nor line separator.

    >>> embedded("</script>")
    '"\\\\u003c/script\\\\u003e"'
    """
    text = as_json(value, indent=False)
    for character, escape in _ESCAPED.items():
        text = text.replace(character, escape)
    return text


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and value != value else value
