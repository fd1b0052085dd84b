import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels import scripts
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, check

_LETTERS = st.text("aZéßŁ λΩ жЯ שם عرب हिन् বাং ไทย 漢字 ひカ 한국 1.", max_size=60)


@EXAMPLES
@given(st.lists(strategies.text | _LETTERS, max_size=6))
def test_letters_are_counted_by_script(texts: list[str]) -> None:
    with np.errstate(over="ignore"):  # bytes wrap on purpose, of which the interpreter warns
        check(scripts.script_letters, naive.script_letters, texts)


def test_scripts_agree_with_the_names_of_unicode() -> None:
    named = {name: name.upper() for name in scripts.SCRIPTS} | {"Han": "CJK UNIFIED", "kana": ("HIRAGANA", "KATAKANA")}
    for code in range(0xC0, 0x10000):
        letter = chr(code)
        if unicodedata.category(letter) in ("Lu", "Ll", "Lo"):
            found = scripts.script_of(code)
            name = unicodedata.name(letter, "")
            if found >= 0 and not name.startswith(("CJK COMPATIBILITY", "COPTIC", "HALFWIDTH")):
                assert name.startswith(named[scripts.SCRIPTS[found]]), (hex(code), name)
