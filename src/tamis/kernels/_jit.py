"""The one place that configures numba.

Kernels have explicit signatures and compile when they are first called: once per machine, since `_cache` keeps the
compiled code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import types
from numba.core import config
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

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


class Kernel(CPUDispatcher):
    """A function that is compiled for one signature, or taken from the cache, when it is first called.

    numba does this as the function is defined. Loading one from the cache takes 10 ms, though, and most kernels are
    only called by others, whose compiled code holds them already.
    """

    signature: Any
    overloads: Any  # this and the next are numba's own, which it does not declare
    _can_compile: bool
    _type: Any
    _explain_matching_error: Callable[..., None]

    def compile_once(self) -> None:
        """Compile for the signature, and from then on for no other."""
        with global_compiler_lock:
            if self._can_compile:
                self.compile(self.signature)
                self.disable_compile()

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """Asked by numba where another kernel, which is being compiled, calls this one."""
        self.compile_once()
        return super().get_call_template(args, kws)

    def _compile_for_args(self, *args: Any) -> Any:
        """Asked by numba on the first call from Python: the compiled code to call with these arguments."""
        self.compile_once()
        kinds = tuple(map(self.typeof_pyval, args))
        if self.typingctx.resolve_function_type(self._type, kinds, {}) is None:  # type: ignore[no-untyped-call]
            self._explain_matching_error(*args)
        [compiled] = self.overloads.values()
        return compiled.entry_point


def kernel(signature: object) -> Callable[[F], F]:
    """A kernel of one signature, which runs without the interpreter's lock."""

    def of(function: F) -> F:
        if config.DISABLE_JIT:  # type: ignore[attr-defined]
            return function
        made = Kernel(function, targetoptions={"nopython": True, "nogil": True, "boundscheck": None})
        made.signature = signature
        if _FOLDER is not None:
            previous, config.CACHE_DIR = config.CACHE_DIR, str(_FOLDER)  # type: ignore[attr-defined]
            made.enable_caching()
            config.CACHE_DIR = previous  # type: ignore[attr-defined]
        return cast(F, made)

    return of
