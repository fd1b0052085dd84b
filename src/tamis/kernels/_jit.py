"""The one place that configures numba.

Kernels have explicit signatures, so they compile when their module is imported: once per machine, since
`_cache` keeps the compiled code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba import types
from numba.core import config

from tamis.kernels._cache import cache_folder

F = TypeVar("F", bound=Callable[..., object])

U8 = types.Array(types.uint8, 1, "C", readonly=True)
I32 = types.Array(types.int32, 1, "C", readonly=True)
I64 = types.Array(types.int64, 1, "C", readonly=True)
U64 = types.Array(types.uint64, 1, "C", readonly=True)
F64 = types.Array(types.float64, 1, "C", readonly=True)


_FOLDER = cache_folder()


def tuple_of(*kinds: object) -> Any:
    """The numba type of a kernel that returns several things."""
    return types.Tuple(kinds)  # type: ignore[no-untyped-call]


def kernel(signature: object) -> Callable[[F], F]:
    """Compile a kernel for one signature, without the interpreter's lock while it runs."""

    def compile_now(function: F) -> F:
        previous = config.CACHE_DIR  # type: ignore[attr-defined]
        if _FOLDER is not None:
            config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]
        try:
            return cast(F, numba.njit(signature, cache=_FOLDER is not None, nogil=True)(function))
        finally:
            config.CACHE_DIR = previous  # type: ignore[attr-defined]

    return compile_now
