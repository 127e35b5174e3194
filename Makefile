# Everything a developer does. Needs Python 3.11 or later and make; uses uv where it is installed.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve test check format docs bench clean

serve: .venv/serve           ## run the graph on http://127.0.0.1:8000
	$(BIN)/vinculum serve

test: check                  ## lint, types, tests
	$(BIN)/pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/dev            ## rewrite the code as the checks want it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/dev              ## the ontology's documentation, from the ontology
	$(BIN)/python docs/build.py

bench: .venv/bench           ## the measurements of the README, as ratios against named references
	$(BIN)/python bench/run.py

clean:
	rm -rf .venv

.venv/serve: pyproject.toml
	@if command -v uv >/dev/null; then uv venv --quiet --allow-existing .venv && uv pip install --quiet --python $(BIN)/python -e .; \
	else $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check -e .; fi
	@touch $@

.venv/dev: .venv/serve
	@if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python --group dev; \
	else $(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip && $(BIN)/pip install --quiet --group dev; fi
	@touch $@

.venv/bench: .venv/dev
	@if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python --group bench; \
	else $(BIN)/pip install --quiet --disable-pip-version-check --group bench; fi
	@touch $@
