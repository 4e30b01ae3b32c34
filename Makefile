# Two commands set everything up: `make demo` and `make test`. The rest is for daily work.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
STEPS  ?= 200000
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test mutants chaos lint format serve bench docs lock pictures clean system-packages

help:  ## what can be made here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

# pip only when a lock file is newer than what is installed
$(BIN)/.run: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(BIN)/.dev: requirements/dev.txt $(BIN)/.run
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(BIN)/.run  ## the whole story, live (ARGS=--headless plays it in the terminal)
	@$(BIN)/autosync demo $(ARGS)

# What works on jobs and texts goes through a transaction pooler, too.
POOLED := $(addprefix tests/test_,processor.py dispatcher*.py worker.py housekeeping.py function_endpoint.py webhooks.py \
	inbox.py organizer_inbox.py syncs.py concurrency.py api.py api_syncs.py calendar_connections.py)

test: $(BIN)/.dev system-packages  ## every test (ARGS=tests/test_x.py runs some); installs Debian packages with sudo
	@$(BIN)/python -m pytest $(ARGS)
ifeq ($(strip $(ARGS)),)
	@$(BIN)/python -m pytest --through-pooler $(POOLED)
endif

mutants: $(BIN)/.dev system-packages  ## plant bugs, and see the tests find each (ARGS=forget_stop plants one)
	@$(BIN)/python tests/mutants.py $(ARGS)

chaos: $(BIN)/.dev system-packages  ## break everything for ten minutes, then live 200,000 random steps (ARGS="--minutes 60"); as root
	@status=0; PYTHONPATH=tests $(BIN)/python -m chaos $(ARGS) || status=1; \
	AUTOSYNC_TEST_EVERY_MIGRATION_STEP=1 $(BIN)/python -m pytest -q tests/test_crash_points.py -k migrat || status=1; \
	AUTOSYNC_TEST_STEPS=$(STEPS) $(BIN)/python -m pytest -q --dist loadgroup tests/test_model.py || status=1; exit $$status

lint: $(BIN)/.dev  ## style, types, floors, SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/sqlfluff lint --disable-progress-bar supabase src/autosync/database
	@$(BIN)/squawk supabase/migrations/*.sql

format: $(BIN)/.dev  ## put the code and the SQL into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix --disable-progress-bar supabase src/autosync/database

serve: $(BIN)/.run  ## web, function endpoint and a worker, on the embedded database
	@$(BIN)/autosync serve $(ARGS)

bench: ARGS := $(or $(ARGS),--against all)
bench: $(BIN)/.run  ## how fast it is, beside others (ARGS="--only dispatch"; nothing else should run)
	@$(BIN)/autosync bench $(ARGS)

docs: $(BIN)/.dev  ## make a site of the docs, in build/site; a link that leads nowhere is an error
	@PYTHONPATH=tests $(BIN)/python tests/commands_page.py
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/site
	@echo "build/site/index.html"

system-packages:
	@sh tests/system_packages.sh

pictures: $(BIN)/.dev system-packages  ## draw the screenshots of the docs anew
	@$(BIN)/python tests/pictures.py

lock: $(BIN)/.dev  ## compile the hash-locked requirements anew
	@$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header -o requirements/run.txt pyproject.toml
	@$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header -c requirements/run.txt -o requirements/build.txt requirements/build.in
	@$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header -o requirements/dev.txt requirements/dev.in

clean:  ## remove what was built
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
