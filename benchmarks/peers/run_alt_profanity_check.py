"""alt-profanity-check: a score for each text of a JSON list on standard input.

python run_alt_profanity_check.py < texts.json      prints {"seconds": ..., "scores": [...]}
"""

from __future__ import annotations

import json
import sys
import time

from profanity_check import predict_prob

if __name__ == "__main__":
    texts = json.load(sys.stdin)
    predict_prob(texts[:10])
    start = time.perf_counter()
    scores = [float(score) for score in predict_prob(texts)]
    print(json.dumps({"seconds": time.perf_counter() - start, "scores": scores}))
