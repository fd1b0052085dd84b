"""Prompts that cannot be answered as they stand: two tasks in one, a text or a picture that is not there, a link."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tamis import tasks
from tamis.inputs import Texts
from tamis.patterns import quick
from tamis.registry import first_match, signal

MERGED: Final = r"\b(?:[2-9]|[1-9]\d)\.\s?Instruction: ?"
_FROM_ONE: Final = r"\b1\.\s?Instruction:"

_KIND: Final = (
    r"(?:texts?|passages?|articles?|paragraphs?|sentences?|phrases?|excerpts?|words|lists?|tables?|e-?mails?|letters?"
    r"|essays?|story|stories|poems?|code|snippets?|dialogues?|conversations?|documents?|reviews?|images?|pictures?"
    r"|photos?|photographs?|paintings?|charts?|graphs?|diagrams?|quotes?|quotations?|equations?|expressions?"
    r"|problems?"
    r"|statements?|questions?|information|data|facts|headlines?|lyrics|posts?|speech|tweets?|scenarios?|situations?"
    r"|titles?|topics?|items|numbers|ingredients|terms|lines?|input|file|video|audio|url|link|website)"
)
_ASK: Final = (
    r"(?:[Pp]lease |[Cc](?:an|ould) you (?:please )?)?(?:[Ss]ummari[sz]e|[Tt]ranslate|[Rr]e-?write|[Rr]ephrase"
    r"|[Rr]eword|[Pp]araphrase|[Ee]dit|[Cc]orrect|[Pp]roofread|[Cc]lassify|[Cc]ategori[sz]e|[Ii]dentify|[Ff]ind"
    r"|[Ff]ix|[Ee]xplain"
    r"|[Aa]naly[sz]e|[Aa]nswer|[Cc]omplete|[Cc]onvert|[Rr]ead|[Ee]xtract|[Ss]ort|[Dd]escribe|[Ee]valuate|[Rr]eview"
    r"|[Ss]horten|[Ss]implify|[Ii]mprove|[Ss]olve|[Dd]etermine|[Cc]ompare|[Hh]ighlight|[Tt]ell|[Ss]ay|[Cc]ount"
    r"|[Tt]urn"
    r"|[Ii]nterpret|[Rr]eformat|[Cc]ondense|[Pp]ut|[Ll]ist|[Nn]ame|[Uu]se|[Gg]ive)"
)
_BEFORE: Final = r"^\s*[^\n.:;?!=\"“”„«»`{}\[\]<>]{0,160}"
_REST: Final = r"(?: (?:[a-z'’-]+|[A-Z][a-z]+),?){0,8} ?[.:?!]*\s*$"
_MISSING_ENGLISH: Final = quick(
    rf"{_BEFORE}\b(?:[Tt]he|[Tt]his|[Tt]hese|of) following (?:[\w-]+ ){{0,3}}?{_KIND}\b{_REST}"
    rf"|{_BEFORE}\b{_KIND} (?:given |provided |shown )?(?:below|attached)\b{_REST}"
    rf"|^\s*{_ASK} [^\n.:;?!=\"“”`{{}}]{{0,100}}\b(?:following|below|this|these|attached)\b"
    r"[^\n.:;?!=\"“”`{}]{0,40}:\s*$"
    rf"|^\s*{_ASK} [^\n.:;?!=\"“”`{{}}]{{0,60}}\b(?:given|provided) (?:text|passage|article|paragraph|sentence"
    rf"|excerpt"
    rf"|poem|e-?mail|dialogue|conversation|review|image|picture|photo|chart|graph|story|document|report)\b{_REST}"
)
_MISSING_FOREIGN: Final = quick(  # German, French, Spanish, Chinese
    r"^\s*[^\n.:;?!=\"„“”«»`]{0,120}\bfolgende[nrms]? (?:[\wäöüß]+ )?(?:Text|Satz|Sätze|Artikel|Absatz|Abschnitt"
    r"|Gedicht|Brief|Liste|Wörter|Code|Gleichung|Tabelle|Auszug)(?:e?s|en|e|n)?\b(?: [\wäöüßÄÖÜ-]+){0,6}[.:?!]*\s*$"
    r"|^\s*[^\n.:;?!=\"“”«»`]{0,120}\b(?:textes?|phrases?|articles?|paragraphes?|passages?|poèmes?|listes?|mots"
    r"|codes?"
    r"|tableaux?|extraits?) (?:suivant(?:e?s?)|ci-dessous|ci-joint(?:e?s?))\b(?: [\w’'éèêàùç-]+){0,6} ?[.:?!]*\s*$"
    r"|^\s*[^\n.:;?!=\"“”«»`]{0,120}\b(?:siguientes? (?:textos?|frases?|oraci[oó]n(?:es)?|art[ií]culos?|p[aá]rrafos?"
    r"|pasajes?|poemas?|listas?|palabras|c[oó]digos?|tablas?)|textos? adjuntos?)\b(?: [\wáéíóúñ-]+){0,6}[.:?!]*\s*$"
    r"|^\s*[^\n。：:；？！=“”\"《》]{0,60}(?:以下|下面|下列|下述)的?(?:这)?(?:一?[段篇个首张组句])?(?:文章|文本|文字|句子|段落|短文|诗歌?"
    r"|故事|代码|表格|图片|文件)[^\n。，：:；？！“”\"《》]{0,12}[。：:？！]?\s*$"
)
MISSING: Final = f"{_MISSING_ENGLISH}|{_MISSING_FOREIGN}"
_ENGLISH_HINT: Final = r"following|below|attached|given|provided|this|these"
_FOREIGN_HINT: Final = r"folgende|suivant|ci-|siguiente|adjunt|以下|下面|下列|下述"
_LONGEST: Final = 500
_LONG_ENOUGH_TO_HOLD_IT: Final = 200

LINK_ALONE: Final = r"^\s*<?(?:https?://|www\.)[^\s<>]+>?\s*$"
LINK_LAST: Final = r"(?:https?://|www\.)[^\s<>]+>?\s*$"
_OF_A_PAGE: Final = (
    r"(?i)\b(?:article|paper|post|page|web ?site|site|web ?page|news|image|picture|photo\w*|painting|video|story"
    r"|content|text|passage|document|review|essay|speech|podcast|artwork|logo|poem|report)s?\b"
    r"|summari|outline|main points"
)
_OF_THE_ADDRESS: Final = (
    r"(?i)\bdomain|\burls?\b|\bhttp\b|\bnode\b|\blink(?:s|ed|ing)?\b|\baddress|protocol|subdomain|shorten|encod"
    r"|\bqr\b|hyperlink"
    r"|\banchor|\bwrite (?:an?|the)|toolformer|\bvalid"
)

PICTURE_ASKED: Final = (
    r"(?i)^\s*(?:please |(?:can|could|would) you (?:please )?)?(?:draw|sketch|paint)(?: me| us)? (?:an?|the"
    r"|this|some) "
    r"|(?:^|[.!?\n]\s*)(?:please |(?:can|could|would) you (?:please )?|(?:you|i) (?:need|want|have)(?: you)? to )?"
    r"(?:show|send|generate|create|make|design|draw|produce|add|insert|display)(?: me| us)? (?:an? |the |some )?"
    r"(?:\w+ ){0,2}?(?:images?|pictures?|photos?|photographs?|drawings?|paintings?|illustrations?|animations?|logos?"
    r"|pie charts?|bar (?:charts?|graphs?)|line (?:charts?|graphs?)|histograms?|scatter ?plots?|infographics?|gifs?"
    r"|collages?)\b"
    r"|\bcoloriz?e (?:this|the)|^\s*(?:please |can you |could you )?play (?:me )?(?:an?|the|some|this) (?:\w+ )?"
    r"(?:song|music|tune|track|recording|audio)\b"
    r"|\b(?:open|watch|listen to|look at|view|transcribe) (?:this|the (?:attached|following|given)) (?:audio|video"
    r"|image|picture|photo|recording|clip|file|link|podcast|song)\b"
)
_PICTURE_HINT: Final = (
    r"(?i)draw|sketch|paint|image|picture|photo|illustration|animation|logo|chart|graph|histogram|plot|infographic"
    r"|gif|collage|colori|play|open|watch|listen|look at|view|transcribe"
)
_IN_WORDS: Final = (
    r"(?i)\bascii|\bsvg|html|css|\bcode|coding|program|script|function|python|javascript|java\b|matplotlib"
    r"|seaborn|plotly|ggplot|d3|chart\.js|excel|latex|tikz|mermaid|graphviz|emoji|unicode|text[- ]based|braille"
    r"|in words|describe|description|prompt|caption|steps|how (?:to|do|can|would)|imagine|role|conclusion"
    r"|comparison|parallel"
    r"|distinction|inference|attention|canvas|story|\btips|ideas?|slogan|draw the lewis|vivid|mental"
)
IMAGE: Final = r"!\[[^\]\n]*\]\((?:https?://|data:image)[^)\s]*\)?|<img\s[^>\n]*src=[^>\n]*>?"
_MARKUP: Final = (
    r"(?i)markdown|html|css|\bcode|\breadme|\bimg\b|!\[|image tag|\bweb ?(?:site|page)|\blatex|react|template"
)
_FENCED: Final = r"(?s)```.*?(?:```|$)|`[^`\n]*`"


@signal(
    unit="count",
    source="AlpacaDataCleaned tool_mergedInstructions; Alpaca generate_instruction.py",
    severity="high",
    reduce="sum",
    locate=first_match(MERGED),
)
def merged_instructions(texts: Texts) -> pl.Series:
    """Marks such as "12. Instruction:" that a generator's next task left in a turn; null for a row without turns.

    Alpaca's generator writes numbered tasks; where its output was split wrongly, two became one row. A
    numbering that starts at 1 in the same turn is a list that somebody wrote, and does not count.

    False positives: a later part of a numbered form.
    """
    counts = texts.counts(MERGED, hint="Instruction:")
    return counts.set(texts.text.str.contains(_FROM_ONE), 0)


@signal(
    unit="flag",
    source="own; after 'inconsistent input' of AlpacaDataCleaned",
    severity="medium",
    reduce="any",
    locate=first_match(MISSING),
)
def missing_attachment(prompts: Texts, contexts: Texts, turns: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Whether a prompt speaks of "the following text" and ends there, with nothing given; null without a prompt.

    Judged is the first turn of a conversation alone, where the row has no input, no image, no tools and no
    long system turn: what is missing may stand in any of them. The prompt must be one line that ends with
    the phrase: "Summarize the following article." English, German, French, Spanish and Chinese.

    False positives: a prompt whose content was glued to the phrase; a test of whether the model asks back.
    """
    open_rows = _without_material(contexts, turns, rows)
    opening = pl.Series(_opens(prompts, turns) & np.isin(prompts.row, open_rows))
    short = (prompts.text.str.len_bytes() <= _LONGEST) & ~prompts.stripped.str.contains("\n", literal=True)
    judged = (opening & short).to_numpy()
    asked = Texts(prompts.text.filter(judged), prompts.row[judged], prompts.turn[judged])
    missing = np.zeros(len(prompts), np.bool_)
    for pattern, hint in ((_MISSING_ENGLISH, _ENGLISH_HINT), (_MISSING_FOREIGN, _FOREIGN_HINT)):
        missing[judged] |= asked.matches(pattern, hint=hint).to_numpy()
    return pl.Series(missing)


@signal(unit="flag", source="Self-Instruct, Stanford Alpaca", reduce="any", locate=first_match(PICTURE_ASKED))
def needs_modality(prompts: Texts, turns: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Whether a prompt asks for a picture, a chart, music or a file to be opened; null for a row without a prompt.

    Weak: for review only. Prompts that speak of code, ASCII art, a description or a story are left out, and
    so are rows with tools or media.

    False positives: logos and charts that a good answer describes in words or draws in text.
    """
    asked = prompts.matches(PICTURE_ASKED, hint=_PICTURE_HINT)
    asked = prompts.unasked(asked, prompts, _IN_WORDS)
    return asked & pl.Series(np.isin(prompts.row, _plain_rows(turns, rows)))


@signal(
    unit="flag",
    source="AlpacaDataCleaned class 1",
    severity="medium",
    reduce="any",
    locate=first_match(LINK_LAST),
)
def unreadable_link(prompts: Texts, contexts: Texts, turns: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Whether all that a prompt gives is a link whose page the model cannot read; null for a row without a prompt.

    The prompt is a link alone, or it asks about an article, a page or a picture and ends in a link; or the
    separate input is a link alone. Code, and questions about the address itself, do not count, nor do rows
    with tools.

    False positives: a page so well known that the answer needs no reading.
    """
    linked = prompts.matches(LINK_LAST, hint=r"https?://|www\.").arg_true()
    asked = prompts.text.gather(linked).str.replace(LINK_LAST, "").str.strip_chars()
    given = pl.Series(np.isin(prompts.row, contexts.row[contexts.text.str.contains(LINK_ALONE).to_numpy()]))
    about_page = (asked == "") | given.gather(linked) | asked.str.contains(_OF_A_PAGE)
    about_address = asked.str.contains(rf"{tasks.CODE}|{_OF_THE_ADDRESS}")
    found = pl.repeat(False, len(prompts), eager=True).scatter(linked, about_page & ~about_address)
    return found & pl.Series(np.isin(prompts.row, _plain_rows(turns, rows)))


@signal(
    unit="count",
    source="AlpacaDataCleaned tool_inputcheck",
    severity="medium",
    reduce="sum",
    locate=first_match(IMAGE),
)
def image_references(texts: Texts, prompts: Texts, turns: pl.DataFrame) -> pl.Series:
    """Images a turn embeds by Markdown or HTML, though the row is text alone; null for a row without turns.

    In an answer the address is nearly always invented. Rows whose prompts speak of code, HTML, Markdown or a
    web page, turns that show it inside code, and rows with media do not count.

    False positives: answers in Markdown that were collected together with their images.
    """
    hinted = texts.text.str.contains(r"!\[|<img\s").arg_true()
    prose = texts.text.gather(hinted).str.replace_all(_FENCED, "")
    counts = pl.zeros(len(texts), pl.UInt32, eager=True).scatter(hinted, prose.str.count_matches(IMAGE))
    near = np.isin(prompts.row, texts.row[counts.to_numpy() > 0])  # few: the pattern is slow
    markup = prompts.row[near][prompts.text.filter(pl.Series(near)).str.contains(_MARKUP).to_numpy()]
    with_media = turns.filter(pl.col("media").fill_null(0) > 0)["row"].to_numpy()
    return counts.set(pl.Series(np.isin(texts.row, np.concatenate([markup, with_media]))), 0)


def _plain_rows(turns: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.int64]:
    """Rows in which no tool can be called and no media is given."""
    tooled = rows.with_row_index("position").filter(pl.col("tools").fill_null("[]").is_in(["", "[]", "null"]).not_())
    other = turns.filter(
        (pl.col("media").fill_null(0) > 0) | pl.col("tool_calls").is_not_null() | (pl.col("role") == "tool")
    )
    every = np.arange(rows.height)
    return np.setdiff1d(every, np.union1d(tooled["position"].to_numpy(), other["row"].to_numpy()))


def _without_material(contexts: Texts, turns: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.int64]:
    """Plain rows with neither an input nor a system turn long enough to hold what the prompt speaks of."""
    given = contexts.row[(contexts.stripped.str.len_bytes() > 0).to_numpy()]
    long_system = turns.filter(
        pl.col("role").is_in(["system", "developer"]) & (pl.col("text").str.len_chars() > _LONG_ENOUGH_TO_HOLD_IT)
    )
    return np.setdiff1d(_plain_rows(turns, rows), np.union1d(given, long_system["row"].to_numpy()))


def _opens(prompts: Texts, turns: pl.DataFrame) -> NDArray[np.bool_]:
    """Which prompts are the first turn of their conversation, system turns aside."""
    spoken = turns.filter(pl.col("side").is_null() & ~pl.col("role").is_in(["system", "developer"]))
    first = spoken.group_by("row", maintain_order=True).first()
    return prompts.at(first)
