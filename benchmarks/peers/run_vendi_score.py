"""Vendi scores by vendi-score.

python run_vendi_score.py VECTORS (dual | primal) Q

VECTORS is an npy file of float32 unit rows. Prints a JSON object: `score`, and `cpu` and `seconds` of the call alone,
after one on a hundred rows.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import scipy.sparse.csr  # noqa: F401 - vendi_score looks into it and does not import it
from vendi_score import vendi


def main() -> None:
    path, form, q = sys.argv[1:]
    vectors = np.load(path)
    score = vendi.score_dual if form == "dual" else vendi.score_X
    order = "inf" if q == "inf" else float(q)
    score(vectors[:100], q=order, normalize=False)
    cpu, start = time.process_time(), time.perf_counter()
    value = float(score(vectors, q=order, normalize=False))
    print(json.dumps({"score": value, "seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
