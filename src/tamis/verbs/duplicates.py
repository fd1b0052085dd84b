"""`duplicates`: which rows repeat others, how alike they are, and where to draw the line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from tamis.corpus import sides_of
from tamis.differences import changes
from tamis.errors import TamisError, unknown
from tamis.masking import mask
from tamis.recipe import Recipe, parse
from tamis.registry import get
from tamis.reports import duplicates as report
from tamis.reports.pages import duplicates as page
from tamis.results import AuditResult, with_findings
from tamis.verbs.audit import audit
from tamis.verbs.dataset import Data
from tamis.verbs.rejudge import check_computed
from tamis.verbs.texts import texts_of
from tamis.verdicts import judge

Kind = Literal["words", "meaning"]
SIGNAL_OF: Final[dict[Kind, str]] = {"words": "near_duplicate_similarity", "meaning": "semantic_similarity"}
THRESHOLDS: Final[dict[Kind, float]] = {"words": 0.8, "meaning": 0.97}
FACTS_OF: Final[dict[Kind, tuple[str, ...]]] = {"words": ("near_duplicates",), "meaning": ("embedding", "semantic")}
FLOORS: Final[dict[Kind, float]] = {"words": 0.6, "meaning": 0.85}
NAME: Final = "duplicates"
RULE: Final = "duplicate"


@dataclass(frozen=True)
class DuplicatesResult:
    """Duplicates at a threshold, and all that is needed to try another one."""

    audit: AuditResult
    kind: Kind

    @property
    def threshold(self) -> float:
        """The similarity at which two rows count as duplicates."""
        return float(self.audit.recipe.rules[RULE].at_least or 0)

    @property
    def floor(self) -> float:
        """The similarity down to which pairs are known, so that `rethreshold` can go there."""
        signal = self.audit.recipe.signals[SIGNAL_OF[self.kind]]
        return float(signal["floor"])

    @property
    def duplicates(self) -> pl.DataFrame:
        """A line a row that goes: `row`, the kept row it duplicates (`kept`) and their `similarity`."""
        return self.audit.findings.select("row", kept="other", similarity="value")

    @property
    def clusters(self) -> pl.DataFrame:
        """A line a kept row that has duplicates, largest first: `kept`, `rows`, `similarity` (each a list)."""
        ranked = self.duplicates.sort("similarity", "row", descending=[True, False])
        found = ranked.group_by("kept", maintain_order=True).agg("row", "similarity")
        return found.rename({"row": "rows"}).sort(pl.col("rows").list.len(), "kept", descending=[True, False])

    def rethreshold(self, threshold: float) -> DuplicatesResult:
        """The duplicates at another threshold, up or down to the floor; nothing is computed again.

        Raises
        ------
        TamisError
            Below the floor, or above 1.
        """
        recipe = self.audit.recipe.set([f"{RULE}.at_least={threshold}"])
        findings = judge(self.audit.rows, self.audit.findings.head(0), recipe, self.audit.accepted, self.audit.pairs)
        return DuplicatesResult(with_findings(self.audit, recipe, findings, self.audit.accepted), self.kind)

    def curve(self, step: float = 0.05) -> pl.DataFrame:
        """How many rows would go (`rows`, and `share` of all) by `threshold`, from the floor to 1."""
        thresholds = np.unique(np.round(np.append(np.arange(self.floor, 1.0, step), [self.threshold, 1.0]), 6))
        rows = [self.rethreshold(float(t)).duplicates.height for t in thresholds]
        return pl.DataFrame({"threshold": thresholds, "rows": rows, "share": np.array(rows) / self.audit.total})

    def borderline(self, most: int = 3) -> pl.DataFrame:
        """The pairs nearest to the threshold: `left`, `right`, `similarity` and `side`, `above` or `below`."""
        pairs = self.audit.pairs.sort("effective", "left", "right")
        above = pairs.filter(pl.col("effective") >= self.threshold).head(most)
        below = pairs.filter(pl.col("effective") < self.threshold).tail(most).reverse()
        sides = [above.with_columns(side=pl.lit("above")), below.with_columns(side=pl.lit("below"))]
        return pl.concat(sides).select("left", "right", "similarity", "side")

    def summary(self, most: int = 10, *, show_sensitive: bool = False) -> dict[str, Any]:
        """Counts, the curve, pairs at the threshold and the largest clusters with what differs, as plain values."""
        clusters, border = self.clusters, self.borderline()
        shown = clusters.head(most).with_columns(pl.col("rows").list.head(4), pl.col("similarity").list.head(4))
        wanted = [*shown["kept"], *shown["rows"].explode().drop_nulls(), *border["left"], *border["right"]]
        places = self.audit.shown_places(pl.Series(wanted, dtype=pl.Int64))
        texts = {row: _shown(said, show_sensitive) for row, said in texts_of(self.audit, wanted).items()}
        return {
            "kind": self.kind,
            "field": self.audit.recipe.signals[SIGNAL_OF[self.kind]]["field"],
            "threshold": self.threshold,
            "floor": self.floor,
            "keep": self.audit.recipe.keep,
            "inputs": [dict(file) for file in self.audit.facts["inputs"]],
            "against": [dict(file) for file in self.audit.facts["against"]],
            "rows": self.audit.total,
            "duplicates": self.duplicates.height,
            "clusters": clusters.height,
            "facts": {name: fact for name, fact in self.audit.facts["corpus"].items() if name in FACTS_OF[self.kind]},
            "curve": self.curve().to_dicts(),
            "borderline": [
                {"similarity": pair["similarity"], "side": pair["side"]}
                | self._difference(pair["left"], pair["right"], texts, places)
                for pair in border.iter_rows(named=True)
            ],
            "largest": [
                self._cluster(row, clusters["rows"][i], texts, places) for i, row in enumerate(shown.to_dicts())
            ],
            "seconds": self.audit.facts.get("seconds"),
        }

    def _cluster(self, cluster: Mapping[str, Any], every: pl.Series, texts: Texts, places: Places) -> dict[str, Any]:
        kept = cluster["kept"]
        return {
            "kept": places[kept],
            "text": texts[kept],
            "size": 1 + len(every),
            "duplicates": [
                {"similarity": similarity, **self._difference(kept, row, texts, places)}
                for row, similarity in zip(cluster["rows"], cluster["similarity"], strict=True)
            ],
        }

    def _difference(self, left: int, right: int, texts: Texts, places: Places) -> dict[str, Any]:
        one, other = texts[left], texts[right]
        differ = [side for side in self._sides if one[side] != other[side]]
        return {
            "rows": [places[left], places[right]],
            "changes": {side: changes(one[side], other[side]) for side in differ},
        }

    @property
    def _sides(self) -> tuple[str, ...]:
        return sides_of(self.audit.recipe.signals[SIGNAL_OF[self.kind]]["field"])

    def __str__(self) -> str:
        return report.text(self.summary())

    def _repr_html_(self) -> str:
        return page.notebook(self.summary())


Texts = Mapping[int, Mapping[str, str]]
Places = Mapping[int, dict[str, Any]]


def _shown(said: tuple[str, str], show_sensitive: bool) -> dict[str, str]:
    prompt, response = said if show_sensitive else map(mask, said)
    return {"prompt": prompt, "response": response}


def duplicates(  # noqa: PLR0913 - the options of a verb
    data: Data | AuditResult,
    *,
    kind: str = "words",
    threshold: float | None = None,
    floor: float | None = None,
    field: str | None = None,
    keep: str | None = None,
    embedder: Any = None,
    against: Data = None,
    relative: float | None = None,
    **options: Any,
) -> DuplicatesResult:
    """Find rows that nearly repeat others, each with the kept row it repeats and their verified similarity.

    Parameters
    ----------
    data
        What `audit` takes, or an `AuditResult` that has the pairs already, and takes kind, threshold and keep.
    kind
        `words`: Jaccard similarity of word runs. `meaning`: cosine of embeddings.
    threshold, floor
        From which similarity rows are duplicates (0.8 for words, 0.97 for meaning), and down to which pairs are
        kept, so that `rethreshold` can go there.
    field
        `conversation` (prompt and response must both be alike; the default), `prompt` or `response`.
    keep
        Which row of a cluster stays: see `tamis.keeping.parse_keep`. `fewest`, or what the audit has, by default.
    embedder, against
        As for `audit`.
    relative
        For meaning, in place of `threshold`: a distance of at most that share of the median distance to the nearest
        row makes a duplicate (0.13 in cleanlab).
    options
        Further options of `audit`.

    Examples
    --------
    >>> import polars as pl
    >>> text = "Name three primary colours that a painter mixes all the others from."
    >>> rows = pl.DataFrame({"prompt": [text, text.upper(), "Add 2 and 3."], "completion": ["a", "a", "5"]})
    >>> duplicates(rows).duplicates.rows()
    [(1, 0, 1.0)]
    """
    if kind not in SIGNAL_OF:
        raise unknown("kind of duplicate", kind, SIGNAL_OF)
    chosen: Kind = "words" if kind == "words" else "meaning"
    beside = {"floor": floor, "field": field, "relative": relative, "embedder": embedder, "against": against}
    if isinstance(data, AuditResult):
        if late := [name for name, value in (beside | options).items() if value is not None]:
            raise TamisError(f"a finished audit takes no {', '.join(late)}; compute it from the data with it")
        return _of_audit(data, chosen, threshold, keep or data.recipe.keep)
    at_least = THRESHOLDS[chosen] if threshold is None else threshold
    lowest = min(at_least, FLOORS[chosen]) if floor is None else floor
    if relative is not None and (kind == "words" or threshold is not None or not 0 < relative <= 1):
        raise TamisError("relative is a share in (0, 1] that takes the place of a threshold for kind meaning")
    own = {"floor": lowest, "field": field or "conversation"} | ({} if relative is None else {"relative": relative})
    recipe = recipe_of(chosen, at_least, keep or "fewest", own)
    found = DuplicatesResult(audit(data, recipe=recipe, embedder=embedder, against=against, **options), chosen)
    reckoned = found.audit.facts["corpus"].get("semantic", {}).get("relative_threshold")
    return found if reckoned is None or np.isnan(reckoned) else found.rethreshold(max(found.floor, reckoned))


def of_duplicates(found: AuditResult) -> DuplicatesResult | None:
    """The duplicates that were saved as an audit; None where the audit is of another recipe."""
    if found.recipe.name != NAME or RULE not in found.recipe.rules:
        return None
    signal = found.recipe.rules[RULE].signal
    return DuplicatesResult(found, next(kind for kind, name in SIGNAL_OF.items() if name == signal))


def recipe_of(kind: Kind, threshold: float | None, keep: str, options: Mapping[str, Any]) -> Recipe:
    """A recipe of nothing but the one rule."""
    signal = SIGNAL_OF[kind]
    rule = {
        "signal": signal,
        "at_least": THRESHOLDS[kind] if threshold is None else threshold,
        "action": "drop",
        "message": f"nearly the {kind} of a kept row",
    }
    return parse(
        {
            "name": NAME,
            "compute": [signal],
            "keep": keep,
            "signals": {signal: dict(options)},
            "rules": {RULE: rule},
        }
    )


def _of_audit(found: AuditResult, kind: Kind, threshold: float | None, keep: str) -> DuplicatesResult:
    signal = SIGNAL_OF[kind]
    if signal not in found.recipe.signals:
        raise TamisError(f"this audit did not compute {signal}; audit again with a recipe that has it")

    options = {**get(signal).options, **found.recipe.signals[signal]}
    recipe = recipe_of(kind, threshold, keep, options)
    check_computed(found, recipe)
    pairs = found.pairs.filter(pl.col("signal") == signal)
    findings = judge(found.rows, found.findings.head(0).select(pl.exclude("row_hash", "accepted")), recipe,
                     found.accepted, pairs)  # fmt: skip
    bare = with_findings(found, recipe, findings, found.accepted, pairs)
    return DuplicatesResult(bare, kind)
