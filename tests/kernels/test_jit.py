"""The cache of compiled kernels: never stale, and never needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tamis

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


def answer(package: Path, cache: Path) -> int:
    environment = os.environ | {"PYTHONPATH": str(package / "src"), "TAMIS_KERNEL_CACHE": str(cache)}
    environment.pop("NUMBA_DISABLE_JIT", None)
    program = "from tamis.kernels._caller import ten_times; print(ten_times(1))"
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
