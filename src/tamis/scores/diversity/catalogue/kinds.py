"""What is known of the figures of a mix, and of how its sides are labelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tamis.scores.diversity.catalogue.score import Score

_HILL: Final = "Hill 1973, Diversity and evenness; order {}"

KINDS: Final[Mapping[str, Score]] = {
    "kinds": Score(
        title="kinds there are",
        unit="kinds",
        formula="number of different labels among the rows of the sample (Hill number of order 0)",
        source=_HILL.format(0),
        varied="higher",
        sized=True,
        reading="a kind that one row has counts as much as any other; it grows with the rows",
    ),
    "effective_kinds": Score(
        title="effective kinds",
        unit="kinds",
        formula="exp(-sum p ln p) over the shares p of the labels (Hill number of order 1)",
        source=_HILL.format(1),
        varied="higher",
        sized=True,
        reading="as varied as so many kinds of equal size",
        limits="a little too low for few rows of many kinds",
    ),
    "dominant_kinds": Score(
        title="dominant kinds",
        unit="kinds",
        formula="1 / sum p^2 over the shares p of the labels (Hill number of order 2)",
        source=_HILL.format(2),
        varied="higher",
        sized=False,
        reading="1 over the chance that two rows are of one kind: rare kinds hardly count",
    ),
    "divergence": Score(
        title="distance to the reference",
        unit="0 to 1",
        formula="sqrt((KL(p, m) + KL(q, m)) / 2), m = (p + q) / 2, logarithms to base 2",
        source="Jensen-Shannon distance; Endres and Schindelin 2003",
        varied="higher",
        sized=True,
        reading="0 the same mix, 1 no kind in common; beside it the distance that chance reaches at this size",
        limits="says how far, not which of the two is better",
    ),
}
"""The figures of `tamis.scores.diversity.hill.Mix`, for every side of `tamis.scores.diversity.mixes.SIDES`."""

SIDES_KNOWN: Final[Mapping[str, str]] = {
    "task type": "rules over the first request and the first 400 characters of an English prompt, others are `other`; "
    "of 273 labels read 230 were right; 99.5 % of code, 92 % of role plays and 96 % of word problems are recognised",
    "verb": "the verb of the first request, from closed lists; 77 % of 9,039 English prompts have one, 20 % ask first",
    "verb and object": "the verb with its object's head noun; 71 % of those prompts have both, 146 of 150 were right",
    "format": "one pass over the lines of the answer; a label is by definition, but code without fences is told by how "
    "its lines end",
    "prompt tokens": "estimated tokens by powers of two, so that two datasets have the same classes",
    "answer tokens": "estimated tokens by powers of two",
    "turns": "turns of the conversation, 10 or more together",
    "prompt language": "the language of the prompt where it is sure",
    "answer language": "the language of the answer where it is sure",
    "schema": "the schema that the row was read by",
    "source": "the column that `--by` names",
}
"""How each side is labelled, and how well."""
