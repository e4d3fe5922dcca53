# make setup | demo | test | lint | types | browser | torture | docs | bench | lock | clean

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
LOCK := pip compile pyproject.toml --quiet --python-version 3.11 --generate-hashes --no-header --no-annotate

.DELETE_ON_ERROR:
.PHONY: setup demo test lint types browser torture docs bench lock clean

setup: $(DEVELOPMENT)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

$(RUNTIME): requirements.lock | $(BIN)/python
	$(PIP_INSTALL) --require-hashes -r requirements.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

# Holds everything of the runtime lock too, so either stamp serves `make demo`.
$(DEVELOPMENT): requirements-dev.lock | $(BIN)/python
	$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@ $(RUNTIME)

demo: $(RUNTIME)
	$(BIN)/escrow demo $(ARGS)

test: lint types browser
	$(BIN)/python -m pytest -n 2 $(ARGS)

lint: $(DEVELOPMENT)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/lint-imports --no-logo

types: $(DEVELOPMENT)
	$(BIN)/basedpyright --pythonpath $(BIN)/python

# The pages are tried in a real browser with Chinese fonts. As root they are installed, else it is said what is missing.
browser:
	@if ! command -v chromium >/dev/null || ! fc-list :lang=zh | grep -q .; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-noto-cjk >/dev/null; \
	  else \
	    echo "The pages' tests need a browser and Chinese fonts: apt-get install chromium fontconfig fonts-noto-cjk" >&2; exit 1; \
	  fi; \
	fi

# Many more examples a property than `make test`, random ones, and more kills (TORTURE_ROUNDS).
torture: $(DEVELOPMENT) browser
	HYPOTHESIS_PROFILE=torture TORTURE_ROUNDS=$${TORTURE_ROUNDS:-25} $(BIN)/python -m pytest -n 2 --timeout 7200 $(ARGS)

docs: $(DEVELOPMENT)
	$(BIN)/python docs/generate.py

bench: $(DEVELOPMENT)
	$(BIN)/escrow bench $(ARGS)

# Needs the network. Pins that still fit are kept; `make lock UPGRADE=--upgrade` takes the newest.
lock:
	$(UV) $(LOCK) $(UPGRADE) --extra build -o requirements.lock
	$(UV) $(LOCK) $(UPGRADE) --extra build --extra dev -o requirements-dev.lock

clean:
	rm -rf build dist .hypothesis .pytest_cache .ruff_cache .import_linter_cache *.egg-info
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
