"""What every test shares: Hypothesis profiles, no network, and where the real data are."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# one thread for polars: a few rows are not worth more, and tests often run side by side (10 times faster there)
os.environ.setdefault("POLARS_MAX_THREADS", "1")

ROOT = Path(__file__).parent.parent
CI = os.environ.get("CI", "") not in ("", "0", "false")

# function-scoped fixtures below hold no state that one example could leave to the next
settings.register_profile(
    "tamis",
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# the same examples every time, so that what passed once passes on the next machine too
settings.register_profile("repeatable", settings.get_profile("tamis"), derandomize=True)
settings.load_profile(os.environ.get("TAMIS_EXAMPLES", "repeatable" if CI else "tamis"))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 7: whatever a test does, no socket to another machine is opened (a local pair is no network)."""
    real = socket.socket

    class Refused(real):  # type: ignore[misc, valid-type]
        def __init__(self, family: int = -1, *rest: object, **named: object) -> None:
            if family not in (socket.AF_UNIX, -1) or (family == -1 and named.get("fileno") is None):
                raise AssertionError("a socket was opened: nothing may leave the machine")
            super().__init__(family, *rest, **named)

    monkeypatch.setattr(socket, "socket", Refused)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real datasets; without it a test is skipped, but under CI that is a failure."""
    folder = Path(os.environ.get("TAMIS_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        reason = f"no real data at {folder}; set TAMIS_DATA"
        pytest.fail(reason) if CI else pytest.skip(reason)
    return folder
