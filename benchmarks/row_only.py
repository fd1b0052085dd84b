"""Prints a recipe: the default one without its corpus signals and the rules on them.

Made from the registry, so that a new signal is timed without an edit here.
"""

from __future__ import annotations

import json

from tamis import recipe


def main() -> None:
    default = recipe.load("default")
    signals = [signal.name for signal in default.signals_of("row")]
    off = [rule.name for rule in (*default.rules_on("corpus"), *default.rules_on("pairs"))]
    print('extends = "default"')
    print(f"compute = {json.dumps(signals)}")
    print("[rules]", *(f"{name} = false" for name in off), sep="\n")


if __name__ == "__main__":
    main()
