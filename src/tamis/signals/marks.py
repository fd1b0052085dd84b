"""What stayed in an answer from a web page, and marks of careless making: numbering, runs of digits, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from tamis import kernels, tasks
from tamis.inputs import Texts
from tamis.registry import Span, first_match, signal

INTERFACE: Final = (
    r"(?m:^[ \t]*(?:Copy code|Copy to clipboard|Regenerate response|Stop generating|Continue generating|Share Prompt"
    r"|Code kopieren|Antwort neu generieren|Copier le code|Régénérer la réponse|Copiar código|Regenerar respuesta"
    r"|复制代码|重新生成|停止生成)[ \t]*\r?$)"
    r"|^\s*\d{1,2} / \d{1,2}[ \t]*\r?\n\s*\S"
    r"|Too many requests in 1 hour\. Try again later\.|Was this response better or worse\?"
    r"|ChatGPT may produce inaccurate information|ChatGPT can make mistakes\. (?:Check|Consider checking)"
    r"|ChatGPT kann Fehler machen|ChatGPT peut (?:commettre|faire) des erreurs|ChatGPT puede cometer errores"
    r"|Copy\d+ chars / \d+ words"
)
_SUMS: Final = r"\d ?[-+*/x×÷=] ?\d|[Ff]raction|\bscore|\bdivid|\bmany\b"
_INTERFACE_ASKED: Final = r"(?i)copy code|chat ?gpt|interface|button|clipboard|\bui\b|regenerat"

DIGITS: Final = "|".join(rf"{digit}{{9,}}" for digit in range(1, 10))
_NUMBER: Final = re.compile(r"[\w.,+-]*")
_FENCED: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)

LINK: Final = r"https?://[^\s<>()\[\]{}\"'`*|\\]+/[^\s<>()\[\]{}\"'`*|\\]{4,}"
_LINK: Final = re.compile(LINK)
_HOST: Final = re.compile(r"https?://(?:www\.)?([^/\s:?#]+)|www\.([^/\s:?#]+)", re.IGNORECASE)
_OPEN_HOSTS: Final = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|org|net)|localhost|.*\.(?:local|test|invalid)|test\.com|(?:your|my|some)[\w-]*\..*"
    r"|(?:api|website|domain|server|site|company)\.(?:com|org|net)|github\.(?:com|io)|gitlab\.com"
    r"|githubusercontent\.com"
    r"|readthedocs\.io|docs\.rs|pypi\.org|npmjs\.com|python\.org|mozilla\.org|w3\.org|apache\.org"
    r"|microsoft\.com|oracle\.com"
    r"|docker\.com|kubernetes\.io|nodejs\.org|stackoverflow\.com|schema\.org|debian\.org|ubuntu\.com|googleapis\.com"
    r"|jsdelivr\.net|cloudflare\.com|jquery\.com|docs\..*|developers?\..*|127\.0\.0\.1|0\.0\.0\.0|\d+(?:\.\d+){3})"
)
_LINKS_ASKED: Final = (
    r"(?i)\blinks?\b|\burls?\b|\bsources?\b|\bweb ?(?:site|page)s?\b|\breferences?\b|\bcit(?:e|ation|ations)\b"
    r"|\bresources?\b"
    r"|\bsites?\b|where (?:can|could|do|to)|\bfind\b|\bonline\b|bibliograph|\bdownload|\binstall|https?:|www\."
    r"|\barticles?\b"
    r"|\bpapers?\b|\bvideos?\b|\bblogs?\b|recommend|suggest|\bemail|signature|\bquellen?\b|\bliens?\b"
    r"|\benlaces?\b|链接|网址|网站"
)

_ITEM: Final = re.compile(r"(\d{1,3})[.)] ")
_LISTED: Final = re.compile(
    r"(?i)\b(?:\d{1,3} to \d{1,3}|choose|pick|odd numbers|countdown|in reverse|order(?:ed|ing)?|skip)\b"
)


@signal(unit="count", source="FastChat clean_sharegpt", severity="medium", reduce="sum", locate=first_match(INTERFACE))
def interface_residue(responses: Texts, questions: Texts) -> pl.Series:
    """Words of a chat page that were copied along: "Copy code" on a line of its own; null without an answer.

    Also "Regenerate response", the counter "2 / 2" above an answer, and the notes under it, in English, German,
    French, Spanish and Chinese.

    False positives: instructions for using such a page, where the question does not name it.
    """
    words = r"Copy|Regen|Stop gen|Continue gen|Share P|kopier|generier|Copi|Régén|复制|生成|Too many|Was|GPT"
    hinted = responses.text.str.contains(words) | responses.text.str.contains(r"^\s*\d{1,2} / ")
    places = hinted.arg_true()
    counts = pl.zeros(len(responses), pl.UInt32, eager=True)
    counts = counts.scatter(places, responses.text.gather(places).str.count_matches(INTERFACE))
    return responses.unasked(counts, questions, rf"{_INTERFACE_ASKED}|{_SUMS}")


@signal(
    unit="count",
    source="FastChat clean_sharegpt",
    reduce="sum",
    locate=lambda text: next(_digit_runs(text), None),
)
def digit_runs(responses: Texts, questions: Texts) -> pl.Series:
    """Runs of one digit, nine times or more, outside code, decimals and round numbers; null without an answer.

    A model that has lost its thread writes "0000000000". Zeros after another digit, decimal places and hexadecimal
    or binary words do not count, nor do answers to questions about numbers.

    False positives: identification numbers made up for an example.
    """
    hinted = responses.text.str.contains(rf"{DIGITS}|0{{9}}")
    counts = responses.judged(hinted, lambda text: sum(1 for _ in _digit_runs(text)))
    return responses.unasked(counts, questions, rf"(?i){tasks.CODE.removeprefix('(?i)')}|\d{{4}}|number|digit|decimal")


@signal(
    unit="count",
    source="own; AlpacaDataCleaned 'hallucinated URL'",
    reduce="sum",
    locate=lambda text: next(_foreign_links(text), None),
)
def ungiven_links(responses: Texts, questions: Texts, texts: Texts) -> pl.Series:
    """Links to a certain page in an answer whose host nothing else in the row names; null without an answer.

    A model writes such addresses from memory, and often they do not exist. Links to a site's front page, hosts for
    examples, documentation and code, links inside code, and answers to a question that asks for links, sources or
    where to find something do not count.

    False positives: well-known pages that do exist.
    """
    hinted = responses.matches(LINK, hint="https?://")
    counts = responses.judged(hinted, lambda text: sum(1 for _ in _foreign_links(text)))
    found = responses.unasked(counts, questions, rf"{_LINKS_ASKED}|{tasks.CODE.removeprefix('(?i)')}")
    for place in found.cast(pl.Boolean).arg_true():
        others = (texts.row == responses.row[place]) & (texts.turn != responses.turn[place])
        given = _hosts("\n".join(texts.text.filter(pl.Series(others))))
        left = [a for a, b in _foreign_links(responses.text[place]) if not _hosts(responses.text[place][a:b]) <= given]
        found[place] = len(left)
    return found


@signal(
    unit="count",
    source="FastChat list-index-broken",
    reduce="sum",
    locate=lambda text: next(_index_faults(text), None),
)
def list_index_faults(responses: Texts, questions: Texts) -> pl.Series:
    """Numbers of a list that are skipped or come twice in a row; null for a row without an answer.

    "1. 1. 1." throughout is right in Markdown, and a list that starts again at 1 is another list. A number that
    stands inside the text between counts as there, and "..." excuses a gap.

    False positives: items picked from a longer list that the prompt does not show.
    """
    hinted = kernels.numbering.may_be_misnumbered(responses.packed.offsets, responses.packed.data)
    counts = responses.judged(pl.Series(hinted), lambda text: sum(1 for _ in _index_faults(text)))
    return responses.unasked(counts, questions, rf"(?m)^\s*\d{{1,2}}[.)]|{_LISTED.pattern.removeprefix('(?i)')}")


def _digit_runs(text: str) -> Iterator[Span]:
    code = [found.span() for found in _FENCED.finditer(text)]
    for found in re.finditer(rf"{DIGITS}|0{{9,}}", text):
        start, stop = found.span()
        first = start
        while first > 0 and (text[first - 1].isalnum() or text[first - 1] in ".,"):
            first -= 1
        word = text[first : _NUMBER.match(text, stop).end()]  # type: ignore[union-attr]
        plain = not re.search(r"\.\d|[,+]", word) and not re.fullmatch(
            r"[01]+|(?:0x)?[0-9a-fA-F]*[a-fA-F][0-9a-fA-F]*", word
        )
        round_number = text[start] == "0" and start > 0 and text[start - 1].isdigit()
        if plain and not round_number and not any(a <= start < b for a, b in code):
            yield start, stop


def _hosts(text: str) -> set[str]:
    return {(found[1] or found[2]).lower().removeprefix("www.").rstrip(".,") for found in _HOST.finditer(text)}


def _foreign_links(text: str) -> Iterator[Span]:
    code = [found.span() for found in _FENCED.finditer(text)]
    for found in _LINK.finditer(text):
        host = _HOST.match(found[0])
        if host and not _OPEN_HOSTS.fullmatch(host[1].lower()) and not any(a <= found.start() < b for a, b in code):
            yield found.span()


def _index_faults(text: str) -> Iterator[Span]:
    if "..." in text or "…" in text or not re.search(r"(?m)^1[.)] ", text):
        return
    items: list[tuple[int, bool, int, int]] = []  # number, whether a blank line stands before it, start, stop
    blank, at = True, 0
    for line in _FENCED.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text).split("\n"):
        item = _ITEM.match(line)
        if item:
            items.append((int(item[1]), blank, at, at + item.end()))
            yield from _fault(items, text)
        elif line.strip() and not line.startswith((" ", "\t")):
            items.clear()  # prose or a heading between: another list, or the same one taken up again
        blank = not line.strip()
        at += len(line) + 1


def _fault(items: Sequence[tuple[int, bool, int, int]], text: str) -> Iterator[Span]:
    """The last of at least three items, where its number does not follow two that follow each other."""
    if len(items) < 3:
        return
    (first, _, _, _), (last, spaced, _, end), (number, blank, start, stop) = items[-3:]
    skipped = last + 1 < number <= last + 4 and not re.search(rf"(?<!\d){last + 1}(?!\d)", text[end:start])
    if last == first + 1 and (number == last or skipped) and blank == spaced:
        yield start, stop
