# Each target installs what it needs first: a bare Python 3.11 is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
AWSCLI := .venv-awscli/.installed

.PHONY: demo test lint bench soak clean

demo: $(STAMP)
	$(BIN)/glueprint demo

test: lint $(AWSCLI)
	$(BIN)/pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m bench

soak: $(STAMP)
	$(BIN)/pytest -m soak --timeout=3600

clean:
	rm -rf .venv .venv-awscli dist build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .glueprint

$(STAMP): setup.cfg pyproject.toml
	@echo "Installing Glueprint and what it needs into $(VENV) (about a minute the first time) ..."
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "glueprint needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# The AWS CLI pins its own botocore: it gets an environment of its own.
$(AWSCLI):
	$(PYTHON) -m venv .venv-awscli
	.venv-awscli/bin/python -m pip install --quiet --disable-pip-version-check awscli
	@touch $@
