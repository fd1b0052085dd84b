#!/bin/sh
# Build the wheel, install it alone in a new environment, and use it as a stranger would.
set -eu
python=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m build --quiet --wheel --outdir "$work/dist" .
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet "$work"/dist/*.whl
cp -r examples/data "$work/data"
cd "$work"
env/bin/tamis --help > help.txt
env/bin/tamis prune data/support_mix.jsonl -o clean.jsonl --dropped dropped.jsonl
env/bin/tamis audit data/chats.jsonl -o audit
env/bin/python - <<'P'
import sys
import tamis
assert "torch" not in sys.modules
assert tamis.audit("data/chats.jsonl").total == sum(1 for _ in open("data/chats.jsonl", "rb"))
assert "torch" not in sys.modules, "the core never imports torch"
P
test -s clean.jsonl && test -s dropped.jsonl && test -s audit/report.html
echo "wheel: installed alone, tamis --help, prune and audit work, the report is written"
