# Two commands matter: `make demo` and `make test`. The rest is for those who work on ledig.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test soak lint format bench lock clean

demo: $(VENV)/.installed
	@$(BIN)/ledig demo $(ARGS)

# Tests start hundreds of processes, each of which would compile ledig anew where the environment switches that off.
test soak: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(ARGS)

# The fault table in its long form (docs/faults.md), with what was measured, and ten million spooled readings: half an hour.
soak: $(VENV)/.installed-dev
	LEDIG_LONG=1 $(BIN)/python -m pytest tests/faults tests/store/spool/test_memory.py \
		tests/ingest/test_other_brokers.py tests/ingest/test_poor_brokers.py --timeout 1800 -rP $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks $(ARGS)

# Writes both lock files anew: one for every supported Python, hashes in, no index or host named.
lock: $(VENV)/.installed
	$(BIN)/python -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet "uv>=0.8"
	$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --extra install pyproject.toml -o requirements.lock
	$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --extra install --extra dev --extra bench -c requirements.lock pyproject.toml -o requirements-dev.lock

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "ledig needs Python 3.11 or later; set PYTHON=python3.12, say (this one is " + sys.version.split()[0] + ")")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build *.egg-info
