"""alt-profanity-check: a score for each text of a JSON list on standard input.

python run_alt_profanity_check.py < texts.json      prints {"seconds": ..., "scores": [...]}, processor time
"""

from __future__ import annotations

import json
import sys
import time

from profanity_check import predict_prob

if __name__ == "__main__":
    texts = json.load(sys.stdin)
    predict_prob(texts[:10])
    start = time.process_time()
    scores = [float(score) for score in predict_prob(texts)]
    print(json.dumps({"seconds": time.process_time() - start, "scores": scores}))
