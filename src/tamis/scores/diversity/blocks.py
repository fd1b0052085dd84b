"""Products over blocks of rows, on threads that do not change a digit."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from tamis.neighbours.semantic_scan import one_blas_thread

BLOCK: Final = 4_096
Result = TypeVar("Result")


def by_blocks(
    what: Callable[[slice], Result], n: int, *, threads: int | None = None, block: int = BLOCK
) -> Iterator[Result]:
    """`what` of each block of n rows, in order. Threads share the blocks, and each product is one thread's.

    So no figure depends on the number of threads, as the sums of a product that several of them share may.

    >>> list(by_blocks(lambda rows: rows.stop - rows.start, 5, block=2))
    [2, 2, 1]
    """
    blocks = (slice(start, min(start + block, n)) for start in range(0, n, block))
    with one_blas_thread(), ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        yield from pool.map(what, blocks)
