"""Writes a recipe, the default one without its corpus signals and the rules on them, and runs a command after that.

python row_only.py RECIPE.toml [COMMAND ...]

Made from the registry, so that a new signal is timed without an edit here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tamis import recipe


def row_only() -> str:
    """The recipe's text."""
    default = recipe.load("default")
    signals = [signal.name for signal in default.signals_of("row")]
    off = [rule.name for rule in (*default.rules_on("corpus"), *default.rules_on("pairs"))]
    lines = ['extends = "default"', f"compute = {json.dumps(signals)}", "[rules]", *(f"{name} = false" for name in off)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(row_only())
    if sys.argv[2:]:
        subprocess.run(sys.argv[2:], check=True)
