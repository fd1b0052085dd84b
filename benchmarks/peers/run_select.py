"""Facility location of a peer on sparse similarities: run_select.py apricot|submodlib CSR.npz COUNT; JSON on stdout."""

import json
import sys
import time

import numpy as np
import scipy.sparse


def apricot(alike, count):
    from apricot import FacilityLocationSelection

    FacilityLocationSelection(2, metric="precomputed", optimizer="lazy").fit(alike[:50, :50])  # compiles
    start = time.process_time()
    found = FacilityLocationSelection(count, metric="precomputed", optimizer="lazy").fit(alike)
    return time.process_time() - start, found.ranking.tolist()


def submodlib(alike, count):
    from submodlib import FacilityLocationFunction

    function = FacilityLocationFunction(n=alike.shape[0], mode="sparse", sijs=alike, num_neighbors=64)
    start = time.process_time()
    found = function.maximize(budget=count, optimizer="LazyGreedy", stopIfZeroGain=False, stopIfNegativeGain=False)
    return time.process_time() - start, [row for row, _ in found]


def main():
    tool, path, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with np.load(path) as saved:
        parts = saved["similarity"].astype(np.float64), saved["others"], saved["starts"]
    n = len(parts[2]) - 1
    seconds, picked = globals()[tool](scipy.sparse.csr_matrix(parts, shape=(n, n)), count)
    json.dump({"seconds": seconds, "picked": [int(row) for row in picked]}, sys.stdout)


if __name__ == "__main__":
    main()
