"""Row signals over batches on this machine: one thread reads, the others measure."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from tamis.measure import Measured
from tamis.records.reader import Batch

Done = TypeVar("Done", bound=Measured)
Progress = Callable[[int, int], None]
"""Called after each batch with the bytes and rows that were done."""


def run(
    batches: Iterable[Batch],
    measure: Callable[[Batch], Done],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Done]:
    """Measure every batch, in order. At most a batch a thread and two are held, whatever the input's size."""
    workers = threads or os.cpu_count() or 1
    waiting: deque[Future[Done]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="tamis")
    try:
        for batch in batches:
            waiting.append(pool.submit(measure, batch))
            while len(waiting) > workers or (waiting and waiting[0].done()):
                yield _told(waiting.popleft().result(), progress)
        while waiting:
            yield _told(waiting.popleft().result(), progress)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # who stops a run hears so at once, not a batch later


def _told(measured: Done, progress: Progress | None) -> Done:
    if progress is not None:
        progress(measured.consumed, measured.rows.height)
    return measured
