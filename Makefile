# One word for each thing a person wants of Shanlin. `make help` lists them.
PYTHON ?= python3
WORKERS ?= 2
VENV := .venv/bin
FLASK := $(VENV)/flask --app wsgi
CODE := $(wildcard app config.py wsgi.py tests bench tools migrations)
TYPED := $(wildcard app config.py wsgi.py tests bench tools)
QUICK_TESTS := $(wildcard tests/architecture tests/core tests/*/test_rules*.py)

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev provision run test sure shots bench demo-full lock fmt clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## the environment in .venv, nothing else
	@$(PYTHON) -m tools.environment

setup-dev:
	@$(PYTHON) -m tools.environment --dev

provision: setup-dev
	@$(VENV)/python -m tools.provision

run: setup  ## set up whatever is missing and serve http://127.0.0.1:8000 with demonstration data
	@$(FLASK) init
	@$(FLASK) demo
	@exec $(FLASK) serve --with-scheduler

demo-full: export SHANLIN_INSTANCE = instance-full
demo-full: setup  ## the same with a whole city: 76,511 files (some minutes)
	@$(FLASK) init
	@$(FLASK) demo --full
	@exec $(FLASK) serve --with-scheduler

test: provision  ## set up whatever is missing and run every test
	@$(VENV)/python -m pytest --numprocesses $(WORKERS)

sure: provision  ## format, lint, types, imports, templates, quick tests
	@$(VENV)/ruff format --check $(CODE)
	@$(VENV)/ruff check $(CODE)
	@$(VENV)/mypy $(TYPED)
	@$(VENV)/lint-imports
	@if [ -d templates ]; then $(VENV)/djlint templates --check --lint --quiet; fi
	@$(VENV)/python -m pytest --quiet $(QUICK_TESTS)

fmt:  setup-dev  ## format code and templates, repair what lint can repair
	@$(VENV)/ruff check --fix --quiet $(CODE) || true
	@$(VENV)/ruff format $(CODE)
	@if [ -d templates ]; then $(VENV)/djlint templates --reformat --quiet || true; fi

shots: provision  ## photograph every page of every role into shots/
	@$(VENV)/python -m tests.journeys.shots

bench: setup  ## measure, print a table of ratios, write bench/latest.json
	@$(VENV)/python -m bench

lock:  ## pin every dependency anew from pyproject.toml (UPGRADE=--upgrade for newer ones)
	@$(PYTHON) -m tools.lock $(UPGRADE)

clean:  ## remove what tools left behind; data and .venv stay
	@rm -rf .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
