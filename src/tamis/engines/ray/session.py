"""A Ray that is started for one run or connected to, and left as it was found; what it says is kept from the user."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tamis.errors import TamisError

ENVIRONMENT: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "POLARS_MAX_THREADS": "1",  # a worker a processor: threads of their own would only wait for each other
}
_LONGEST_FOLDER: Final = 40  # the sockets in it have names of 60 characters more, and may have 107
_LOGGERS: Final = ("ray", "ray.data", "ray.tune", "ray.serve", "ray.rllib", "ray.train")


@dataclass(frozen=True)
class Session:
    """A Ray that can be used: its processors and graphics cards, of all machines together."""

    cpus: int
    gpus: int
    machines: int
    threads: int | None  # tasks at a time, where the user bounds them

    @property
    def workers(self) -> int:
        """Tasks that run at a time."""
        return self.threads or self.cpus

    def call(self, function: Callable[..., Any], *given: Any, returns: int = 1) -> Any:
        """Run a function of the package as a task; the reference(s) to what it returns.

        A task whose worker died is run again, as often as it takes; an error of its own is not.
        """
        return _remote(function).options(num_returns=returns).remote(*given)

    def results(self, references: Sequence[Any]) -> list[Any]:
        """What tasks returned; the error of one that failed, as it would be without Ray."""
        import ray

        with failures():
            return list(ray.get(list(references)))

    @property
    def facts(self) -> dict[str, Any]:
        """What an audit says about it."""
        return {"name": "ray", "machines": self.machines, "cpus": self.cpus, "gpus": self.gpus}


@functools.cache
def _remote(function: Callable[..., Any]) -> Any:
    import ray

    return ray.remote(num_cpus=1, max_retries=-1)(function)


@contextlib.contextmanager
def session(address: str | None = None, *, threads: int | None = None) -> Iterator[Session]:
    """Use the Ray at an address (`auto` for the one on this machine), or start one here that ends with the block.

    One that the caller has initialised is used as it is.

    Raises
    ------
    TamisError
        Where Ray is not installed, or not reached.
    """
    ray = _imported()
    with _quiet(), contextlib.ExitStack() as ended:
        if not ray.is_initialized():
            _begin(ray, address, threads, ended)
        resources = ray.cluster_resources()
        machines = sum(bool(node["Alive"]) for node in ray.nodes())
        cpus = max(1, int(resources.get("CPU", 1)))
        yield Session(cpus, int(resources.get("GPU", 0)), machines, threads)


def _imported() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import ray
            import ray.data
    except ImportError:
        raise TamisError("the engine ray needs Ray: pip install 'tamis[ray]'") from None
    return ray


def _begin(ray: Any, address: str | None, threads: int | None, ended: contextlib.ExitStack) -> None:
    """Start or connect; what is to be done in the end is added to `ended`."""
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if address is None:
        folder = _folder(ended)
        options |= {"address": "local", "num_cpus": threads, "include_dashboard": False}
        options |= {"_temp_dir": folder, "_node_ip_address": "127.0.0.1"}
    else:
        _knock(address)
        options |= {"address": address, "runtime_env": {"env_vars": dict(ENVIRONMENT)}}
    ended.callback(ray.shutdown)
    with _environment(), _handlers_kept(), _standard_error_aside():
        try:
            ray.init(**options)
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            if address is None:
                raise TamisError(f"Ray cannot be started on this machine: {said}") from None
            raise TamisError(f"no Ray can be reached at --address {address}: {said}") from None


def _knock(address: str) -> None:
    """An error at once where nobody listens at HOST:PORT: Ray itself tries for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise TamisError(f"no Ray can be reached at --address {address}: {error}") from None


def _folder(ended: contextlib.ExitStack) -> str:
    """A folder for Ray's sockets, logs and what outgrows its memory, removed in the end."""
    place = tempfile.gettempdir()
    folder = tempfile.mkdtemp(prefix="tamis-ray-", dir=place if len(place) < _LONGEST_FOLDER - 20 else "/tmp")
    ended.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """What workers inherit, set meanwhile; what the user has set stays."""
    added = {name: value for name, value in ENVIRONMENT.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextlib.contextmanager
def _handlers_kept() -> Iterator[None]:
    """Ray puts a handler of its own for SIGTERM, for good; afterwards the old one is back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _standard_error_aside() -> Iterator[None]:
    """Ray's own libraries write to the file itself how they are set up, whatever the level of their log."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars, no plans, no advice; warnings that Ray raises about itself are none of the user's."""
    import ray.data

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"ray(\.|$)")
        context = ray.data.DataContext.get_current()
        before = {name: logging.getLogger(name).level for name in _LOGGERS}
        shown = context.enable_progress_bars, context.execution_options.preserve_order, context.print_on_execution_start
        context.enable_progress_bars, context.execution_options.preserve_order = False, True
        context.print_on_execution_start = False
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for name, level in before.items():
                logging.getLogger(name).setLevel(level)
            context.enable_progress_bars, context.execution_options.preserve_order = shown[:2]
            context.print_on_execution_start = shown[2]


@contextlib.contextmanager
def failures() -> Iterator[None]:
    """An error inside a task, as the error it was; what befell Ray itself, in one line."""
    import ray

    try:
        yield
    except ray.exceptions.RayTaskError as error:
        cause: BaseException | None = error
        while isinstance(cause, ray.exceptions.RayTaskError) and cause.cause is not None:
            cause = cause.cause
        if isinstance(cause, TamisError):
            raise TamisError(str(cause)) from None
        raise TamisError(f"a task failed on Ray: {type(cause).__name__}: {cause}") from error
    except ray.exceptions.RayError as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise TamisError(f"Ray failed: {said}") from error
