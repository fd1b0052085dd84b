"""Rows that try to break out of a page, and audits to make pages of."""

from __future__ import annotations

from pathlib import Path

import orjson

import tamis
from tests.conftest import ROOT

HOSTILE = {
    "script": "<script>window.broken = 1</script>",
    "end": "</script><script>window.broken = 2</script>",
    "comment": "<!--<script>",
    "handler": '<img src=x onerror="window.broken = 3"> <svg onload=window.broken=4>',
    "attribute": '" onmouseover="window.broken = 5" x="',
    "link": '<a href="javascript:window.broken=6">x</a> <iframe src="https://example.com/"></iframe>',
    "template": "{{ 7 * 7 }} {% for x in y %} ${window.broken = 8} {{constructor.constructor('window.broken = 9')()}}",
    "bidi": "user\u202eresu\u2066 \u200f\u2069 end",
    "nul": "before\x00after\x07\x1b[31m",
    "lines": "one\u2028two\u2029three\x85four",
    "entity": "&lt;b&gt; &amp;amp; &#x3c;script&#x3e;",
    "style": "</style><style>body{display:none}</style>",
    "textarea": "</textarea></title></noscript><base href='https://example.com/'>",
}


def hostile_rows() -> list[dict[str, str]]:
    """Every hostile text as a prompt, an answer, and where a rule shows an excerpt of it."""
    rows = [{"instruction": text, "output": f"{text} and more", "source": text} for text in HOSTILE.values()]
    rows += [{"instruction": "Say it.", "output": f"{text} <|im_end|> {text}", "source": name}
             for name, text in HOSTILE.items()]  # fmt: skip
    rows += [{"instruction": text, "output": "", "source": "empty"} for text in HOSTILE.values()]
    return [*rows, {"instruction": "A long line.", "output": "word " * 210_000, "source": "long"}]


def hostile_file(folder: Path) -> Path:
    """The hostile rows as JSON lines, one of them with half a surrogate pair, one broken with a script."""
    path = folder / "a<b onclick=x>.jsonl"
    lines = [orjson.dumps(row) for row in hostile_rows()]
    lines.append(b'{"instruction": "half \\ud800 pair", "output": "other half \\udc00", "source": "surrogate"}')
    lines.append(b'{"instruction": "<script>window.broken = 10</script>", ')
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def audit_of_examples() -> tamis.AuditResult:
    """The sample data that show the most."""
    folder = ROOT / "examples" / "data"
    return tamis.audit([folder / "support_mix.jsonl", folder / "chats.jsonl"], by="source")
