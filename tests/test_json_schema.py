"""Whether arguments fit a tool's JSON schema, held against an implementation of the whole standard."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tamis.json_schema import misfits

NAMES = st.sampled_from(["city", "days", "unit"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from([0.5, 1.0, 2.0]), st.sampled_from(["", "a", "EUR"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
TYPES = st.sampled_from(["string", "number", "integer", "boolean", "array", "object", "null"])
PLAIN = st.fixed_dictionaries(
    {}, optional={"type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True), "enum": st.lists(SCALARS)}
)


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = {
        "type": TYPES,
        "const": SCALARS,
        "required": st.lists(NAMES, max_size=2, unique=True),
        "properties": st.dictionaries(NAMES, inner, max_size=3),
        "additionalProperties": st.booleans() | inner,
        "items": inner,
        "anyOf": st.lists(inner, min_size=1, max_size=2),
    }
    return st.fixed_dictionaries({}, optional=keys)


SCHEMAS = st.recursive(PLAIN, _larger, max_leaves=5)


@settings(max_examples=400, deadline=None)
@given(value=VALUES, schema=SCHEMAS)
def test_what_fits_is_what_the_standard_says(value: Any, schema: Any) -> None:
    oracle = pytest.importorskip("jsonschema").Draft202012Validator
    assert (next(misfits(value, schema), None) is None) == oracle(schema).is_valid(value)


@pytest.mark.parametrize(
    ("value", "schema", "faults"),
    [
        ({"a": 1}, {"type": "dict", "properties": {"a": {"type": "float"}}}, []),
        ((), {"type": "any"}, []),
        ("x", {"type": "STRING"}, []),
        (3, {"type": "STRING"}, ["the value: not STRING"]),
        (None, {"type": "string", "nullable": True}, []),
        ({"a": [1, "b"]}, {"properties": {"a": {"items": {"type": "integer"}}}}, ["a[1]: not integer"]),
        ({"b": 1}, {"required": ["a"], "additionalProperties": False}, ["a: missing", "b: unknown"]),
        ({"a": {"b": 2}}, {"properties": {"a": {"properties": {"b": {"const": 1}}}}}, ["a.b: not the value required"]),
        (True, {"enum": [1]}, ["the value: not one of the values allowed"]),
        (1, {"$ref": "https://example.org/x.json", "pattern": "(a+)+$"}, []),
    ],
)  # fmt: skip
def test_a_misfit_says_where_and_how(value: Any, schema: Any, faults: list[str]) -> None:
    assert list(misfits(value, schema)) == faults


@pytest.mark.parametrize(
    "schema", [None, [], "object", {"type": 3}, {"enum": 3}, {"required": "a"}, {"properties": []}]
)
def test_a_schema_that_is_none_faults_nothing(schema: Any) -> None:
    assert list(misfits({"a": 1}, schema)) == []
