"""Ctrl-C: says how to go on, removes what is unfinished, and ends the program within a second."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from tamis import unfinished

GRACE: Final = 0.6
"""Seconds for the main thread to leave by itself; it may be in a search of all rows, which no signal ends."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
AGAIN: Final = "nothing is kept; run it again"
OF_AUDIT: Final = "nothing is kept; an audit could go on: tamis audit DATA -o FOLDER, then this with --audit FOLDER"
ADVICE: Final = {"prune": OF_AUDIT, "duplicates": OF_AUDIT, "report": "the audit is as it was; run it again"}
_advice = [AGAIN]
_ending = threading.Lock()


class Stopped(BaseException):
    """The user has stopped the program; no `except Exception` of a library keeps it, nor does click."""

    def __init__(self, number: int) -> None:
        self.number = number


def advise(text: str) -> None:
    """What the user is told who stops the program from here on."""
    _advice[0] = text


@contextmanager
def stoppable() -> Iterator[None]:
    """End the program with a line and 128 + the signal's number, whatever it is doing when the signal comes.

    Python runs handlers between two instructions of the main thread, which kernels and searches hold for seconds; so a
    thread waits for the signal too, and ends the program if that has not ended by itself.
    """
    if threading.current_thread() is not threading.main_thread():  # Python hears signals there alone
        yield
        return
    with _watched():
        before = {number: signal.getsignal(number) for number in SIGNALS}
        for number, handler in before.items():
            if handler in (signal.default_int_handler, signal.SIG_DFL):  # nohup ignores some
                signal.signal(number, _stop)
        try:
            yield
        except Stopped as stopped:
            _end(stopped.number)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _watched() -> Iterator[None]:
    """A thread that waits for signals; Windows has no pipe for them."""
    if sys.platform == "win32":
        yield
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(read,), name="tamis-stop", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(write)


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)


def _watch(read: int) -> None:
    while heard := os.read(read, 1):  # nothing: the other end is closed
        if heard[0] in SIGNALS:
            time.sleep(GRACE)
            _end(heard[0])
    os.close(read)


def _end(number: int) -> None:
    """Threads that measure are not waited for: what they have at hand is lost, and none of their files stays."""
    _ending.acquire()  # for good: one thread says it
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K\x1b[?25h")  # the line of progress, and the cursor that it hides
    print(f"tamis: stopped; no file is half written, and {_advice[0]}", file=sys.stderr, flush=True)
    unfinished.remove()
    os._exit(128 + number)
