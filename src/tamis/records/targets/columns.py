"""The columns that rows need, and rows made to fit them: for the formats whose columns have one type each.

Objects with different keys share a struct, the missing ones null. Values that differ in kind become text: a
string as it is, anything else as JSON. So do the free-form objects of tool definitions and calls from the
start: a struct over all their keys would give every call the arguments of all others.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any, Final

import orjson
import pyarrow as pa

from tamis.records.targets._target import Row

FREE_FORM: Final = frozenset({"arguments", "parameters", "properties", "tools", "functions"})
MOST_FIELDS: Final = 64
_NULL, _TEXT, _INT, _FLOAT = pa.null(), pa.string(), pa.int64(), pa.float64()
_SCALARS: Final[dict[type, pa.DataType]] = {
    type(None): _NULL,
    str: _TEXT,
    bool: pa.bool_(),
    int: _INT,
    float: _FLOAT,
    bytes: pa.binary(),
}


class Columns:
    """The names and types of all fields that were seen, in the order of their first appearance."""

    def __init__(self) -> None:
        self.types: dict[str, pa.DataType] = {}

    def see(self, rows: Iterable[Row]) -> None:
        """Widen the columns so that the rows fit."""
        for row in rows:
            for name, value in row.items():
                held = self.types.get(name, _NULL)
                if held is not _TEXT:
                    self.types[name] = _merged(held, _type_of(value, name))

    def schema(self) -> pa.Schema:
        """The columns as an Arrow schema; one that holds only nulls is text."""
        return pa.schema([(name, _settled(held)) for name, held in self.types.items()])


def fitted(row: Row, schema: pa.Schema, as_json: set[str]) -> Row:
    """The row with values that fit the schema; the names of columns where one became JSON go to `as_json`."""
    return {field.name: _fitted(row.get(field.name), field.type, field.name, as_json) for field in schema}


def json_text(value: Any, kinds: set[str] | None = None) -> bytes:
    """A value as JSON; what JSON has no word for is written as text, and noted in `kinds`.

    >>> json_text({"day": b"\\x00", "huge": 2**70})
    b'{"day":"AA==","huge":1180591620717411303424}'
    """
    noted: set[str] = set() if kinds is None else kinds

    def otherwise(odd: Any) -> Any:
        if isinstance(odd, bytes | bytearray | memoryview):
            noted.add("binary")
            return base64.b64encode(odd).decode()
        return str(odd)

    try:
        text = orjson.dumps(value, default=otherwise, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a whole number of more than 64 bits
        text = json.dumps(_finite(value), default=otherwise, ensure_ascii=False, separators=(",", ":")).encode()
    if b"null" in text and _has_no_number(value):
        noted.add("not_a_number")
    return text


def _has_no_number(value: Any) -> bool:
    if type(value) is float:
        return value != value or value in (float("inf"), float("-inf"))
    if type(value) is dict:
        return any(_has_no_number(item) for item in value.values())
    return type(value) is list and any(_has_no_number(item) for item in value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if _has_no_number(value) else value


def _type_of(value: Any, name: str) -> pa.DataType:
    known = _SCALARS.get(type(value))
    if known is not None:
        return _TEXT if known is _INT and not -(2**63) <= value < 2**63 else known
    if isinstance(value, list | dict) and name in FREE_FORM:
        return _TEXT
    if isinstance(value, list):
        items: pa.DataType = _NULL
        for item in value:
            items = _merged(items, _type_of(item, name))
        return pa.list_(items)
    if isinstance(value, dict):
        return pa.struct([(str(key), _type_of(item, str(key))) for key, item in value.items()])
    try:
        held: pa.DataType = pa.scalar(value).type
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        return _TEXT
    return held


def _merged(left: pa.DataType, right: pa.DataType) -> pa.DataType:
    """The narrowest type that holds both; text where nothing else does."""
    if left.equals(right) or right.equals(_NULL):
        return left
    if left.equals(_NULL):
        return right
    if pa.types.is_list(left) and pa.types.is_list(right):
        return pa.list_(_merged(left.value_type, right.value_type))
    if pa.types.is_struct(left) and pa.types.is_struct(right):
        fields = {field.name: field.type for field in left}
        for field in right:
            fields[field.name] = _merged(fields.get(field.name, _NULL), field.type)
        return pa.struct(list(fields.items())) if len(fields) <= MOST_FIELDS else _TEXT
    if {left, right} == {_INT, _FLOAT}:
        return _FLOAT
    return _TEXT


def _settled(held: pa.DataType) -> pa.DataType:
    """The type as formats can write it: they know no column of nulls, and no struct without fields."""
    if pa.types.is_null(held):
        return _TEXT
    if pa.types.is_list(held):
        return pa.list_(_settled(held.value_type))
    if pa.types.is_struct(held):
        return pa.struct([(field.name, _settled(field.type)) for field in held]) if held.num_fields else _TEXT
    return held


def _fitted(value: Any, held: pa.DataType, path: str, as_json: set[str]) -> Any:
    if value is None or (type(value) is str and held.equals(_TEXT)):
        return value
    if held.equals(_TEXT):
        as_json.add(path)
        return json_text(value).decode()
    if pa.types.is_list(held):
        return [_fitted(item, held.value_type, path, as_json) for item in value]
    if pa.types.is_struct(held):
        items = {str(key): item for key, item in value.items()}
        return {f.name: _fitted(items.get(f.name), f.type, f"{path}.{f.name}", as_json) for f in held}
    return float(value) if held.equals(_FLOAT) else value
