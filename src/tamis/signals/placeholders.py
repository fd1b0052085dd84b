"""Blanks that were left for somebody to fill in."""

from __future__ import annotations

from typing import Final

import polars as pl

from tamis.inputs import Texts
from tamis.registry import first_match, signal

PLACEHOLDER: Final = (
    r"\[(?:(?:[Yy]our|YOUR|[Ii]nsert|INSERT|[Ee]nter [Yy]our) [^\]\n(){}]{1,60}"
    r"|(?:Recipient|Company|Customer|Employer|Manager|Business|Product|Contact|Phone|Email|Team|Event|Client|Sender"
    r"|Hiring|Job)(?:[’']s)? ?(?:Name|Number|Address|Title|Manager|Position|Information)?"
    r"|(?:Full |First |Last )?Name|NAME|Date|DATE|Address|City|Position|Title|Date and Time"
    r"|City, State[^\]\n]{0,20})\]"
    r"|<(?:[Yy]our|[Ii]nsert|INSERT) [^>\n]{1,40}>"
    r"|[Ll]orem [Ii]psum"
    r"|\{\{ ?(?:your_|user_|company_|first_|last_)?(?:name|author|date|company|title|email|address) ?\}\}"
    r"|(?:#|//|--|/\*) ?TODO\b"
)
_FORM: Final = (
    r"(?i)template|letter|e-?mail|message|memo|resume|résumé|\bcv\b|\bforms?\b|draft|invit|announce|press release"
    r"|contract|agreement|\bfill|blank|placeholder|lorem|todo|script|\bbio|profile|\bpost\b|introduc|slogan|speech"
    r"|reply|respond|review|note\b|recommendation|proposal|advert|testimonial|apolog|certificate|questionnaire"
    r"|mad ?libs?"
)
_GAP: Final = r"\[[^\]\n]{1,60}\]|\{\{|<[a-zA-Z][\w ]*>|_{3,}"


@signal(
    unit="count",
    source="modelbrew-cleaner",
    severity="low",
    reduce="sum",
    locate=first_match(PLACEHOLDER),
)
def placeholders(responses: Texts, questions: Texts) -> pl.Series:
    """Blanks in an answer: "[Your Name]", "<insert date>", "{{name}}", "lorem ipsum", "# TODO".

    Null for a row without an answer. Where the question asks for a text with blanks (a letter, a form, a
    template) or has blanks itself they are right, and none is counted.

    False positives: kinds of form that the list does not know; code that leaves an exercise open.
    """
    counts = responses.text.str.count_matches(PLACEHOLDER)
    return responses.unasked(counts, questions, rf"{_FORM}|{_GAP}")
