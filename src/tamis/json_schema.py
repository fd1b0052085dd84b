"""Whether a value fits a JSON schema: the part of the standard that tool definitions use.

A definition comes from the dataset, so it is read by a checker of our own: `fastjsonschema` writes Python from a schema
and runs it, `jsonschema` fetches a `$ref` from the network and gives a schema's `pattern` to a backtracking engine.
What is not named here (`pattern`, `format`, `$ref`, lengths) is not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

Schema = dict[str, Any]


def _is_integer(value: Any) -> bool:
    return (type(value) is int) or (type(value) is float and value.is_integer())


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "string": lambda value: type(value) is str,
    "number": lambda value: type(value) in (int, float),
    "integer": _is_integer,
    "boolean": lambda value: type(value) is bool,
    "array": lambda value: type(value) is list,
    "object": lambda value: type(value) is dict,
    "null": lambda value: value is None,
}
_OTHER_NAMES: Final = {
    "str": "string", "float": "number", "double": "number", "int": "integer", "long": "integer", "bool": "boolean",
    "list": "array", "tuple": "array", "dict": "object", "hashmap": "object", "none": "null",
}  # fmt: skip
"""What Python, Java and BFCL call the types."""


def misfits(value: Any, schema: Any, *, path: str = "") -> Iterator[str]:
    """Where a value does not fit a schema, and how; nothing where it fits, or where the schema is none.

    >>> schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    >>> list(misfits({"city": 3}, schema)), list(misfits({}, schema)), list(misfits({"city": "Rome"}, schema))
    (['city: not string'], ['city: missing'], [])
    """
    if type(schema) is not dict:
        return
    if not _has_type(value, schema):
        yield _at(path, f"not {schema['type']}")
        return
    if type(schema.get("enum")) is list and not any(_equal(value, allowed) for allowed in schema["enum"]):
        yield _at(path, "not one of the values allowed")
    if "const" in schema and not _equal(value, schema["const"]):
        yield _at(path, "not the value required")
    any_of = schema.get("anyOf")
    if type(any_of) is list and any_of and all(next(misfits(value, each), None) for each in any_of):
        yield _at(path, "fits none of anyOf")
    if type(value) is dict:
        yield from _misfits_of_object(value, schema, path)
    if type(value) is list and type(schema.get("items")) is dict:
        for place, item in enumerate(value):
            yield from misfits(item, schema["items"], path=f"{path}[{place}]")


def _misfits_of_object(value: dict[str, Any], schema: Schema, path: str) -> Iterator[str]:
    properties = schema.get("properties")
    properties = properties if type(properties) is dict else {}
    required, others = schema.get("required"), schema.get("additionalProperties", True)
    for name in required if type(required) is list else ():
        if type(name) is str and name not in value:
            yield _at(f"{path}.{name}", "missing")
    for name, held in value.items():
        if name in properties:
            yield from misfits(held, properties[name], path=f"{path}.{name}")
        elif others is False:
            yield _at(f"{path}.{name}", "unknown")
        else:
            yield from misfits(held, others, path=f"{path}.{name}")


def _has_type(value: Any, schema: Schema) -> bool:
    """Whether a value is of the schema's type, or of one of them; a type of an unknown name holds anything."""
    named = schema.get("type")
    names = named if type(named) is list else [named]
    if value is None and schema.get("nullable") is True:
        return True
    for name in names:
        known = name.lower() if type(name) is str else ""
        check = _TYPES.get(_OTHER_NAMES.get(known, known))
        if check is None or check(value):
            return True
    return not names


def _equal(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 is 1.0, and true is not 1."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


def _at(path: str, fault: str) -> str:
    return f"{path.lstrip('.') or 'the value'}: {fault}"
