"""The cache of compiled kernels: never stale, and never needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import types
from numba.core import config
from numpy.typing import NDArray

import tamis
from tamis.kernels._jit import I64, kernel

CALLEE = """
from tamis.kernels._jit import kernel

@kernel("int64(int64)")
def times(x):
    return x * {factor}
"""
CALLER = """
from tamis.kernels._callee import times
from tamis.kernels._jit import kernel

@kernel("int64(int64)")
def ten_times(x):
    return times(x * 5)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of the name tamis that has the real `_jit` and two kernels, one of which calls the other."""
    kernels = tmp_path / "src" / "tamis" / "kernels"
    kernels.mkdir(parents=True)
    (kernels.parent / "__init__.py").touch()
    (kernels / "__init__.py").touch()
    for file in (Path(tamis.__file__).parent / "kernels").glob("_*.py"):
        shutil.copy(file, kernels)
    (kernels / "_callee.py").write_text(CALLEE.format(factor=4))
    (kernels / "_caller.py").write_text(CALLER)
    return tmp_path


def answer(package: Path, cache: Path, asked: str = "ten_times(1)") -> int:
    environment = os.environ | {"PYTHONPATH": str(package / "src"), "TAMIS_KERNEL_CACHE": str(cache)}
    environment.pop("NUMBA_DISABLE_JIT", None)
    program = f"from tamis.kernels._caller import times, ten_times; print({asked})"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.slow
def test_editing_a_callee_changes_what_its_caller_in_another_file_answers(package: Path) -> None:
    cache = package / "cache"
    assert answer(package, cache) == 20
    (package / "src/tamis/kernels/_callee.py").write_text(CALLEE.format(factor=6))
    assert answer(package, cache) == 30


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_done_without(package: Path) -> None:
    blocked = package / "file"
    blocked.write_text("a file where the folder should be")
    assert answer(package, blocked) == 20


@pytest.mark.slow
def test_the_second_process_compiles_nothing(package: Path) -> None:
    cache = package / "cache"
    answer(package, cache)
    before = {file: file.stat().st_mtime_ns for file in cache.rglob("*.nbc")}
    answer(package, cache)
    assert before
    assert {file: file.stat().st_mtime_ns for file in cache.rglob("*.nbc")} == before


@pytest.mark.slow
def test_what_only_other_kernels_call_is_not_loaded(package: Path) -> None:
    cache = package / "cache"
    answer(package, cache)
    assert answer(package, cache, "ten_times(1) + len(ten_times.overloads) + len(times.overloads)") == 20 + 1


@pytest.mark.skipif(bool(config.DISABLE_JIT), reason="only compiled code has a signature")  # type: ignore[attr-defined]
def test_a_kernel_takes_no_other_types_than_its_own_the_first_time_either() -> None:
    @kernel(types.int64(I64))
    def first(numbers: NDArray[np.int64]) -> int:
        return int(numbers[0])

    with pytest.raises(TypeError, match="No matching definition"):
        first(np.ones(1))  # type: ignore[arg-type]
    assert first(np.ones(1, np.int64)) == 1
