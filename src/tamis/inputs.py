"""What a signal may ask for by naming it, each computed once for a batch and shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import kernels
from tamis.corpus import OWN
from tamis.errors import TamisError
from tamis.packed import Packed
from tamis.records.table import Records
from tamis.records.tool_calls import calls_of

if TYPE_CHECKING:
    from tamis.models.language import Detector

INPUTS: Final[dict[str, Literal["texts", "frame", "corpus", "model"]]] = {
    "prompts": "texts",
    "responses": "texts",
    "questions": "texts",
    "systems": "texts",
    "thoughts": "texts",
    "contexts": "texts",
    "results": "texts",
    "rejections": "texts",
    "texts": "texts",
    "rows": "frame",
    "turns": "frame",
    "calls": "frame",
    "sketches": "frame",
    "corpus": "corpus",
    "languages": "model",
}
"""Every name a signal's positional parameter may bear: turn-wise texts, a whole frame, or what tells the languages
of texts. Corpus signals see all rows: `sketches`, a line a row with hashes and sizes in place of text, and
`corpus`, their prompts and responses."""


FIVE_LANGUAGES: Final = "English, German, French, Spanish, Chinese"
"""The languages that rules on words are written for; `Texts.if_spoken` keeps them from judging others."""


@dataclass(frozen=True)
class Texts:
    """Texts of one kind, turn by turn: text i stands in turn `turn[i]` of the batch's row `row[i]`.

    `row` ascends and has shape (n,); a row may have no text at all, or several.
    """

    text: pl.Series
    row: NDArray[np.int64]
    turn: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def packed(self) -> Packed:
        """The same texts as flat bytes."""
        return Packed.of(self.text)

    @cached_property
    def stripped(self) -> pl.Series:
        """The same texts without white space at their ends."""
        return self.text.str.strip_chars()

    @cached_property
    def english(self) -> NDArray[np.bool_]:
        """Whether a rule written for English may judge the text: too short to tell counts as yes."""
        return kernels.counting.looks_english(self.packed.offsets, self.packed.data)

    @cached_property
    def spoken(self) -> NDArray[np.bool_]:
        """Whether a rule written for `FIVE_LANGUAGES` may judge the text: too short to tell counts as yes."""
        spoken = self.english.copy()
        others = np.flatnonzero(~spoken)
        packed = Packed.of(self.text.gather(others))
        spoken[others] = kernels.languages.speaks(packed.offsets, packed.data)
        return spoken

    @cached_property
    def scripts(self) -> NDArray[np.int64]:
        """The letters of each text by script, shape (n, len(tamis.kernels.scripts.SCRIPTS))."""
        return kernels.scripts.script_letters(self.packed.offsets, self.packed.data)

    @cached_property
    def _words_and_tokens(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return kernels.counting.words_and_tokens(self.packed.offsets, self.packed.data)

    @property
    def characters(self) -> NDArray[np.int64]:
        """The number of characters of each text."""
        return kernels.counting.characters(self.packed.offsets, self.packed.data)

    @property
    def words(self) -> NDArray[np.int64]:
        """The number of words of each text."""
        return self._words_and_tokens[0]

    @property
    def tokens(self) -> NDArray[np.int64]:
        """The estimated number of tokens of each text."""
        return self._words_and_tokens[1]

    @cached_property
    def repetition(self) -> NDArray[np.float64]:
        """The Gopher repetition measures, shape (n, 13): `tamis.kernels.repetition.MEASURES` names them."""
        return kernels.repetition.repetition(self.packed.offsets, self.packed.data)

    @cached_property
    def traces(self) -> NDArray[np.uint8]:
        """Which personal data and keys each text may hold, as bits of `tamis.kernels.traces`."""
        return kernels.traces.traces(self.packed.offsets, self.packed.data)

    def repetition_of(self, measure: str) -> NDArray[np.float64]:
        """One of the measures of `repetition`, by its name."""
        return self.repetition[:, kernels.repetition.MEASURES.index(measure)]

    @cached_property
    def web(self) -> NDArray[np.float64]:
        """What filters for web pages measure, shape (n, 11): `tamis.kernels.web.MEASURES` names the columns."""
        return kernels.web.web(self.packed.offsets, self.packed.data)

    def web_of(self, measure: str) -> NDArray[np.float64]:
        """One of the measures of `web`, by its name."""
        return self.web[:, kernels.web.MEASURES.index(measure)]

    @cached_property
    def lines(self) -> pl.DataFrame:
        """The lines of all texts without white space at their ends: `text`, the position of the text, and `line`."""
        split = self.text.str.split("\n")
        return (
            pl.DataFrame({"text": np.arange(len(self)), "line": split})
            .explode("line")
            .select("text", pl.col("line").str.strip_chars())
        )

    def if_english(self, values: pl.Series) -> pl.Series:
        """The same values, null where the text is not English."""
        return values.set(pl.Series(~self.english), None)

    def if_spoken(self, values: pl.Series) -> pl.Series:
        """The same values, null where the text is in none of `FIVE_LANGUAGES`."""
        return values.set(pl.Series(~self.spoken), None)

    def matches(self, pattern: str, *, hint: str) -> pl.Series:
        """Whether each text matches a regular expression.

        A pattern without a literal (or one that ignores case) is slow, so it is tried only on the texts that
        match `hint`: a fast one, of which every match of the pattern contains one.
        """
        hinted = self.text.str.contains(hint)
        found = np.zeros(len(self), np.bool_)
        if hinted.any():  # compiling the pattern alone may take 25 ms
            found[hinted.to_numpy()] = self.text.filter(hinted).str.contains(pattern).to_numpy()
        return pl.Series(found)

    def counts(self, pattern: str, *, hint: str) -> pl.Series:
        """How often each text matches a regular expression; `hint` as in `matches`."""
        hinted = self.text.str.contains(hint)
        found = np.zeros(len(self), np.uint32)
        if hinted.any():
            found[hinted.to_numpy()] = self.text.filter(hinted).str.count_matches(pattern).to_numpy()
        return pl.Series(found)

    def judged(self, hint: pl.Series, judge: Callable[[str], int | bool]) -> pl.Series:
        """What `judge` says of each text that `hint` marks, 0 for the others; a count or a flag."""
        counts = np.zeros(len(self), np.int64)
        counts[hint.arg_true().to_numpy()] = [int(judge(text)) for text in self.text.filter(hint)]
        return pl.Series(counts)

    def unasked(self, values: pl.Series, questions: Texts, pattern: str) -> pl.Series:
        """The same counts or flags, 0 where the question that the text answers matches `pattern`."""
        found = values.cast(pl.Boolean)
        if not found.any():
            return values
        asked = found.arg_true().filter(questions.text.filter(found).str.contains(pattern))
        return values.scatter(asked, False if values.dtype == pl.Boolean else 0) if len(asked) else values

    def at(self, turns: pl.DataFrame) -> NDArray[np.bool_]:
        """Which of the texts stand at one of `turns`, a part of the frame of turns."""

        def place(row: NDArray[np.int64], turn: NDArray[np.int32]) -> NDArray[np.int64]:
            return row << 32 | turn

        return np.isin(place(self.row, self.turn), place(turns["row"].to_numpy(), turns["turn"].to_numpy()))


@dataclass(frozen=True)
class Languages:
    """Tells the languages of a batch's texts, once for all signals that ask; `own` is a model of the user's."""

    own: Any = None
    _known: dict[tuple[int, str], pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def detector(self, model: str) -> Detector:
        """The language model of that name."""
        from tamis.models.language import load

        if model == OWN and self.own is None:
            raise TamisError("the language model was a function, which is not saved; give it again with language_model")
        return load(self.own if model == OWN else model)

    def of(self, texts: Texts, model: str) -> pl.DataFrame:
        """A line a text with `language` and `confidence`, as `tamis.models.language.DETECTED`."""
        key = id(texts.text), model
        if key not in self._known:
            self._known[key] = self.detector(model).detect(texts.packed)
        return self._known[key]

    def certain(self, texts: Texts, model: str, least: float) -> pl.Series:
        """The language of each text, null where it is less than `least` sure."""
        found = self.of(texts, model)
        return found["language"].set((found["confidence"] < least).fill_null(False), None)


@dataclass(frozen=True)
class Inputs:
    """The columns of one batch of records; `language_model` is one of the user's."""

    records: Records
    language_model: Any = None

    @property
    def rows(self) -> pl.DataFrame:
        """One line a row: `records.rows`."""
        return self.records.rows

    @property
    def turns(self) -> pl.DataFrame:
        """One line a turn: `records.turns`."""
        return self.records.turns

    @cached_property
    def calls(self) -> pl.DataFrame:
        """One line a tool call: `tamis.records.tool_calls.CALLS`."""
        return calls_of(self.turns)

    def _texts(self, keep: pl.Expr, text: str = "text") -> Texts:
        chosen = self.turns.lazy().filter(keep).select("row", "turn", pl.col(text).fill_null("")).collect()
        return Texts(chosen[text], chosen["row"].to_numpy(), chosen["turn"].to_numpy())

    @cached_property
    def texts(self) -> Texts:
        """Every turn of the conversation, whoever speaks."""
        return self._texts(pl.col("side").is_null())

    @cached_property
    def prompts(self) -> Texts:
        """What the user says."""
        return self._texts(pl.col("side").is_null() & (pl.col("role") == "user"))

    @cached_property
    def systems(self) -> Texts:
        """System and developer turns."""
        return self._texts(pl.col("side").is_null() & pl.col("role").is_in(["system", "developer"]))

    @cached_property
    def responses(self) -> Texts:
        """What the model must learn to say: assistant turns, the chosen answer, or a whole raw text."""
        return self._texts(pl.col("side").is_null() & pl.col("role").is_in(["assistant", "text"]))

    @cached_property
    def rejections(self) -> Texts:
        """The rejected answers of preference rows."""
        return self._texts((pl.col("side") == "rejected") & (pl.col("role") == "assistant"))

    @cached_property
    def thoughts(self) -> Texts:
        """Reasoning that stands apart from the answer."""
        return self._texts(pl.col("side").is_null() & pl.col("reasoning").is_not_null(), "reasoning")

    @cached_property
    def results(self) -> Texts:
        """What tools gave back."""
        return self._texts(pl.col("side").is_null() & (pl.col("role") == "tool"))

    @cached_property
    def questions(self) -> Texts:
        """For each of `responses`, the last user turn before it; an empty text where there is none."""
        answers = self.responses
        asked = self.turns.filter(pl.col("side").is_null() & (pl.col("role") == "user")).select(
            "row", "turn", pl.col("text").fill_null("")
        )
        found = pl.DataFrame({"row": answers.row, "turn": answers.turn}).join_asof(
            asked, on="turn", by="row", strategy="backward", check_sortedness=False
        )
        text, prompts = found["text"].fill_null(""), self.prompts.text
        if text.equals(prompts):  # one question a row, as nearly everywhere: what is known of the prompts holds
            text = prompts
        return Texts(text, answers.row, answers.turn)

    @cached_property
    def contexts(self) -> Texts:
        """The separate `input` or `context` field of single-turn schemas, at the user's turn."""
        given = self.rows.with_row_index("position").filter(pl.col("context").is_not_null())
        first = self.turns.filter(pl.col("side").is_null() & (pl.col("role") == "user"))
        first = first.group_by("row", maintain_order=True).agg(pl.col("turn").first())
        placed = given.select(pl.col("position").cast(pl.Int64).alias("row"), "context").join(
            first, on="row", how="left", maintain_order="left"
        )
        turn = placed["turn"].fill_null(0).cast(pl.Int32)
        return Texts(placed["context"], placed["row"].to_numpy(), turn.to_numpy())

    @cached_property
    def languages(self) -> Languages:
        """What tells the languages of texts."""
        return Languages(self.language_model)

    @property
    def sides(self) -> tuple[Packed, Packed]:
        """The prompt of each row (all turns but the assistant's, a line break between them), and its response.

        The response is all that a model learns from: the answers, the tool calls in them, and rejected answers.
        """
        return self._side("prompt"), self._side("response")

    def _side(self, name: Literal["prompt", "response"]) -> Packed:
        said = pl.col("role").is_in(["assistant", "text"])
        wanted = said if name == "response" else pl.col("side").is_null() & ~said
        spoken = pl.concat_str("text", "tool_calls", separator="\n", ignore_nulls=True)
        turns = self.turns.filter(wanted).select("row", text=spoken.fill_null(""))
        n = len(self.records)
        if turns.height != n or turns["row"].n_unique() != n:
            joined = turns.group_by("row").agg(pl.col("text").str.join("\n"))
            every = pl.DataFrame({"row": np.arange(n)})
            turns = every.join(joined, on="row", how="left", maintain_order="left")
        return Packed.of(turns["text"])
