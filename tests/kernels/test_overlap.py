import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tamis.kernels.overlap import ngram_containment
from tamis.packed import Packed
from tests import naive
from tests.kernels import strategies
from tests.kernels.strategies import EXAMPLES, sliced


@EXAMPLES
@given(st.lists(st.tuples(strategies.text, strategies.text), max_size=6), st.integers(1, 5))
def test_ngram_containment_counts_the_places_shared(pairs: list[tuple[str, str]], n: int) -> None:
    expected = [naive.ngram_containment(a, b, n) for a, b in pairs]
    ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    for one, other in ((Packed.of(ours), sliced(theirs)), (sliced(ours), Packed.of(theirs))):
        found = ngram_containment(one.offsets, one.data, other.offsets, other.data, n)
        np.testing.assert_array_equal(found, np.array(expected, np.float64))
