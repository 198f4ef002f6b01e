# Everything a checkout needs. `make help` lists the targets.
# A machine needs Python 3.11 or newer, make and a package index; all else goes into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?=
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
# Every dependency is pinned, so nothing is left to resolve.
PINNED := $(PIP) --require-hashes --no-deps --no-build-isolation
# xdist workers; `make test WORKERS=0` runs in one process.
WORKERS ?= auto
ARGS ?=

.PHONY: help run test tests lint types golden bench torture proofs tools docs docs-reference build requirements clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY)/project ## start the publication in this folder (Ctrl-C ends it)
	@exec $(BIN)/publisher -C . run $(ARGS)

test: lint types tests ## lint, types, architecture contracts and the tests

lint: $(READY)/dev ## ruff and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo

types: $(READY)/dev ## mypy, strict
	$(BIN)/mypy

tests: $(READY)/dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

golden: $(READY)/dev ## accept what the golden tests produce now; read the diff before committing
	ACCEPT_GOLDEN=1 $(BIN)/python -m pytest -q -n $(WORKERS) $(ARGS) || true
	@test ! -d tests/golden/pictures || $(BIN)/python docs/sheets.py
	@git status --short -- tests docs/pictures

bench: $(READY)/dev ## the benchmarks, each with its figure and its ratio to a baseline
	$(BIN)/python -m benchmarks $(ARGS)

torture: $(READY)/dev ## the long proofs of the guarantees; the table of their results
	TORTURE_RESULTS=.torture.json HYPOTHESIS_PROFILE=torture $(BIN)/python -m pytest -m torture $(ARGS)

proofs: $(READY)/dev ## write the manual's page of what `make torture` found last
	$(BIN)/python docs/proofs.py

tools: ## what some tests need beyond Python: Chromium, Postfix, newsboat
	@.ci/tools

docs-reference: $(READY)/dev ## write the generated pages of docs/reference
	$(BIN)/python docs/generate.py

docs: docs-reference ## the manual, in docs/_build/html
	$(BIN)/python -m sphinx -q -W --keep-going -b dirhtml docs docs/_build/html
	@echo "docs/_build/html/index.html"

build: $(READY)/dev ## wheel and source archive, in dist
	$(BIN)/python -m build --no-isolation $(ARGS)

# UPGRADE="--upgrade" moves everything, UPGRADE="--upgrade-package NAME" one; without it pins stay.
COMPILE = UV_NO_CONFIG=1 UV_CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/uv pip compile --quiet --universal \
	--generate-hashes --python-version 3.11 --no-annotate $(UPGRADE)
GROUP = --group pyproject.toml

requirements: $(READY)/compile ## compile requirements/*.txt from pyproject.toml
	$(COMPILE) pyproject.toml --extra postgres -o requirements/run.txt
	$(COMPILE) $(GROUP):install -c requirements/run.txt -o requirements/build.txt
	$(COMPILE) $(GROUP):compile -o requirements/compile.txt
	$(COMPILE) pyproject.toml --extra postgres $(GROUP):test $(GROUP):lint $(GROUP):docs $(GROUP):build \
		-c requirements/run.txt -c requirements/build.txt -o requirements/dev.txt

clean: ## remove the environment and everything generated, but not var/ and secrets/
	rm -rf $(VENV) .tools dist build docs/_build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up: one stamp a step, redone when its requirements change, shared by every target.

$(BIN)/python:
	@for p in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; p=; \
	done; \
	[ -n "$$p" ] || { echo "publisher needs Python 3.11 or newer; found: $$(python3 --version 2>&1). Say PYTHON=/path/to/python." >&2; exit 1; }; \
	echo "Making $(VENV) with $$("$$p" --version)"; \
	"$$p" -m venv --clear $(VENV) || { echo "$$p cannot make virtual environments: install its venv package (on Debian, python3-venv)." >&2; rm -rf $(VENV); exit 1; }

$(READY)/build: requirements/build.txt | $(BIN)/python
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(VENV) was made with a Python older than 3.11: run 'make clean' first." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "Installing the build tools (pinned)"
	@$(PIP) --require-hashes -r requirements/build.txt
	@mkdir -p $(READY) && touch $@

$(READY)/run: requirements/run.txt $(READY)/build
	@echo "Installing what publisher runs on (pinned)"
	@$(PINNED) -r requirements/run.txt
	@touch $@

$(READY)/project: pyproject.toml $(READY)/run
	@echo "Installing publisher itself, editable"
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(READY)/dev: requirements/dev.txt $(READY)/project
	@echo "Installing what the tests need (pinned)"
	@$(PINNED) -r requirements/dev.txt
	@touch $@

$(READY)/compile: requirements/compile.txt $(READY)/build
	@$(PINNED) -r requirements/compile.txt
	@touch $@
