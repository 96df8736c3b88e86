# One command each; every target sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
IDP := tests/idp
NPM_INSTALL := npm install --prefix $(IDP) --ignore-scripts --no-audit --no-fund --no-package-lock --omit=dev --fetch-retries=1

.PHONY: help demo shell test coverage check format bench picture provider test-lowest clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/run.stamp ## set up, and walk through the product on the sandbox
	@$(BIN)/cudo --sandbox examples/tour.cudo
	@echo
	@echo "That was examples/tour.cudo. Open the shell yourself:  $(BIN)/cudo --sandbox"

shell: $(VENV)/run.stamp ## set up, and open the shell on the sandbox
	@$(BIN)/cudo --sandbox

test: check $(IDP)/node_modules/.stamp ## everything that must pass: format, lint, types, imports, tests
	$(BIN)/pytest --numprocesses 4

coverage: $(VENV)/dev.stamp $(IDP)/node_modules/.stamp ## the tests again, with what they leave out; it takes half as long again
	$(BIN)/pytest --numprocesses 4 --cov --cov-report=term-missing:skip-covered

check: $(VENV)/dev.stamp ## the part of it that takes seconds: format, lint, types, imports
	$(BIN)/ruff format --check --quiet
	$(BIN)/ruff check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/dev.stamp ## put the code into its shape
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(VENV)/dev.stamp ## how fast it is, as ratios measured side by side
	@$(BIN)/python tools/bench.py

picture: $(VENV)/dev.stamp ## draw the pictures of docs again, from real sessions
	@$(BIN)/python tools/screenshot.py

provider: $(IDP)/node_modules/.stamp ## an OpenID provider on this machine, to try logging in with
	@node $(IDP)/provider.mjs

test-lowest: ## the tests with the lowest versions that pyproject.toml allows
	$(MAKE) VENV=.venv-lowest CONSTRAINTS="--constraint tests/constraints-lowest.txt" .venv-lowest/dev.stamp
	.venv-lowest/bin/pytest --numprocesses 4

clean: ## remove what the targets made
	rm -rf .venv .venv-lowest build dist htmlcov .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis $(IDP)/node_modules

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "cudo needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) (once) ..." >&2
	@$(PIP) $(CONSTRAINTS) --editable .
	@touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/bin/python
	@echo "Setting up $(VENV) with the tools (once) ..." >&2
	@$(PIP) $(CONSTRAINTS) --editable '.[dev]'
	@touch $@ $(VENV)/run.stamp

$(IDP)/node_modules/.stamp: $(IDP)/package.json
	@if ! command -v npm >/dev/null; then \
		echo "npm is not installed: no OpenID provider, and the tests that need one are skipped." >&2; \
	elif $(NPM_INSTALL) >/dev/null 2>&1; then \
		touch $@; \
	else \
		echo "'$(NPM_INSTALL)' fails: no OpenID provider, and the tests that need one are skipped." >&2; \
	fi
