"""The kernel that marks misnumbered lists misses none that the signal would count."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tamis.kernels.numbering import may_be_misnumbered
from tamis.packed import Packed
from tamis.signals.marks import _index_faults

_LINE = st.sampled_from(
    ["1. a", "2. b", "3. c", "5) d", "4. e", "", "prose", "```", "`x`", "a `b", "``", "  text", "٢. f", "1234. g"]
)


@given(st.lists(_LINE, max_size=14).map("\n".join))
@example("1. a\n2. b\n4. c")
@example("1. a\n```\n2. b\n```\n2. b\n4. c")
@settings(max_examples=400, deadline=None)
def test_every_text_with_a_fault_is_marked(text: str) -> None:
    texts = Packed.of(["2. x\n3. y", text, "1. z"])  # its neighbours do not run into it
    marked = may_be_misnumbered(texts.offsets, texts.data).tolist()
    assert marked[1] or not list(_index_faults(text))
    assert not marked[0]
    assert not marked[2]
