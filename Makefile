# Everything a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
R4 := validators/fhir/compiled/r4.bin
PYTEST := $(BIN)/python -m pytest -q -n 2
# Spark is tested where Java is, and always in continuous integration.
SPARK := $(if $(CI)$(shell command -v java),$(VENV)/.spark)

# Tests of days, periods, clocks and words: those that another place on earth could turn red.
ELSEWHERE := $(addprefix tests/acceptance/test_,admissions.py letter.py measure_reports.py messages.py reading.py \
	stays.py validate.py programme_life.py) tests/docs/test_tutorial.py tests/testdata \
	$(addprefix tests/indicators/,test_measures.py test_evidence.py programmes/test_dates.py programmes/test_life.py) \
	$(addprefix tests/fhir_server/,test_ids.py intake programmes) tests/validators/ins tests/validators/cda/test_time.py

.DEFAULT_GOAL := help
.PHONY: help setup dev demo check test lint coverage elsewhere dist package lock soak bench clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("segur-fhir needs Python 3.11 or later") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements-build.lock
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

$(VENV)/.spark: $(VENV)/.dev requirements-spark.lock
	$(PIP) install --require-hashes -r requirements-spark.lock
	touch $@

$(R4): requirements-definitions.lock validators/fhir/build.py validators/fhir/artefact.py validators/fhir/expand.py validators/packages.py | $(VENV)/.runtime
	rm -rf build/definitions && mkdir -p build/definitions
	$(PIP) download --no-deps --require-hashes --ignore-requires-python -d build/definitions -r requirements-definitions.lock
	$(BIN)/python -m validators.fhir.build build/definitions/*.whl $(R4)

# Compiled modules even where PYTHONDONTWRITEBYTECODE is set: a third of the start of a command.
setup: $(VENV)/.runtime $(R4) ## build .venv, install the runtime lock, compile the R4 definitions
	$(BIN)/python -m compileall -q fhir_server indicators testdata validators

dev: setup $(VENV)/.dev ## setup and the development tools

demo: setup ## synthetic country and server on 127.0.0.1:8000; stays
	$(BIN)/segur demo --folder demo

lint: dev ## style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint ## lint, types, import rules and the fast tests of the validators: about two minutes
	$(PYTEST) -m "not slow" tests/validators

test: lint coverage elsewhere dist ## everything CI runs

coverage: dev $(SPARK)
	rm -f .coverage .coverage.*
	$(PYTEST) --cov --cov-report=term --durations=15

elsewhere: dev ## the tests that know about time and language, on the other side of the world
	TZ=Pacific/Auckland LANG=C LC_ALL=C $(PYTEST) -m "not slow" $(ELSEWHERE)

dist: dev ## a wheel, and a smoke test of it in an environment of its own
	rm -rf dist build/smoke
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . > build/dist.log
	$(PYTHON) -m venv build/smoke
	build/smoke/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements.lock
	build/smoke/bin/python -m pip --disable-pip-version-check --quiet install --no-deps dist/*.whl
	cd build/smoke && bin/segur data letter --out letter.xml && bin/segur validate letter.xml && bin/segur db upgrade --database smoke.db

package: setup ## our profiles as a FHIR package, dist/fr.segur.fhir-VERSION.tgz
	$(BIN)/python -m validators.package_build profiles dist

LOCK := uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11

lock: ## resolve the locks again (needs uv)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(LOCK) --extra spark -c requirements-dev.lock pyproject.toml -o requirements-spark.lock
	printf 'hatchling==1.33.0\neditables==0.6\n' | $(LOCK) - -c requirements-dev.lock -o requirements-build.lock

soak: dev ## the long runs: tests marked slow, 50,000 mutated resources, 500 million facts; build/soak.json
	$(PYTEST) -m slow
	$(BIN)/python -m tests.soak.record build/soak.json

bench: setup ## the benchmarks of `segur bench`
	$(BIN)/segur bench submit

clean: ## remove what was built, the environment apart
	rm -rf build dist site demo .coverage .coverage.* $(R4)
