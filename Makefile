# Everything a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
R4 := validators/fhir/compiled/r4.bin

.PHONY: help setup dev demo check test dist soak lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' Makefile | sed 's/:.*## /\t/'

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements-build.lock
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

$(R4): requirements-definitions.lock validators/fhir/build.py | $(VENV)/.runtime
	rm -rf build/definitions && mkdir -p build/definitions
	$(PIP) download --no-deps --require-hashes --ignore-requires-python -d build/definitions -r requirements-definitions.lock
	$(BIN)/python -m validators.fhir.build build/definitions/*.whl $(R4)

setup: $(VENV)/.runtime $(R4) ## build .venv, install the runtime lock, compile the R4 definitions

dev: setup $(VENV)/.dev ## setup and the development tools
