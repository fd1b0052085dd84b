"""The peers' environments: one each in benchmarks/.peers, because their pins clash.

python -m benchmarks.environments [NAME ...]      makes what is missing
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE / ".peers"
REQUIREMENTS = HERE / "peers"
NAMES = (
    "alt-profanity-check",
    "cleanllm",
    "datasketch",
    "datatrove",
    "diversity",
    "finelint",
    "language",
    "llm-sanitizer-pro",
    "modelbrew-cleaner",
    "presidio",
    "py-data-juicer",
    "rensa",
    "select",
    "semhash",
    "text-dedup",
    "vendi-score",
)


def python_of(name: str) -> Path:
    """The interpreter of a peer's environment, which `install` makes."""
    return ENVIRONMENTS / name / "bin" / "python"


def runner_of(name: str) -> Path:
    """The script that does a peer's task."""
    return REQUIREMENTS / f"run_{name.replace('-', '_')}.py"


def install(name: str) -> None:
    """Make a peer's environment as its requirements file says, unless that very file is installed already."""
    wanted = (REQUIREMENTS / f"{name}.txt").read_text()
    stamp = ENVIRONMENTS / name / "installed.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    venv.create(ENVIRONMENTS / name, with_pip=True, clear=True)
    pip = [str(python_of(name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(REQUIREMENTS / f"{name}.txt")], check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    for name in sys.argv[1:] or NAMES:
        install(name)
        print(name, "is ready")
