"""What is known of each rule beyond its definition: a row it fires on, one it must spare, and how often it is right.

One TOML file a topic, a table a rule of the recipe `default`. The documents and `tamis signals NAME` show it,
and the tests run every example.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Known:
    """Rows as JSON lines that show a rule, and what was found when its hits on real rows were read.

    `hits` rows of the files read were hit, `read` of them were looked at, and at `right` the fault was there. A rule
    that is `exact` is right by definition.
    """

    fires: str
    spares: str
    hits: int | None = None
    read: int | None = None
    right: int | None = None
    exact: bool = False
    places: str = ""
    wrong: str = ""
    tuned: str = ""

    @property
    def precision(self) -> str:
        """The measured precision in words.

        >>> Known("", "", hits=20, read=10, right=9).precision
        '90 % (9 of 10 hits read, of 20)'
        """
        exact = "exact by definition"
        if self.hits is None:
            return exact if self.exact else "not measured"
        if not self.read:
            return f"{exact}; no hit on the files read" if self.exact else "no hit on the files read"
        share = exact if self.exact else f"{100 * (self.right or 0) / self.read:.0f} %"
        return f"{share} ({self.right} of {self.read} hits read, of {self.hits:,})"


@cache
def known() -> Mapping[str, Known]:
    """What is known of every rule, by its name."""
    files = sorted((f for f in resources.files(__name__).iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    tables: dict[str, Known] = {}
    for file in files:
        tables |= {rule: Known(**facts) for rule, facts in tomllib.loads(file.read_text("utf-8")).items()}
    return tables
