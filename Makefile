# The recipes; `make` lists them. Python 3.11 to 3.13 and make are all that must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
.DEFAULT_GOAL := help
.PHONY: help rehearse rehearse-compose gate test check format new update lock image image-arm64 clean

help: ## list the recipes
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python {v[0]}.{v[1]} is not supported: use 3.11, 3.12 or 3.13, as in: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the pinned packages into $(VENV) (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q pipeline # pip compiles what it installs, but not what it only links to
	@touch $@

rehearse: $(READY) ## play the whole story on this machine, offline: real bots, an exchange of the loopback, trouble on purpose
	@$(BIN)/freqtrain rehearse

rehearse-compose: image $(READY) ## the same story with bots in containers: builds the image where it is not there yet (needs Docker)
	@FREQTRAIN_IMAGE=$$(docker image inspect --format '{{.Id}}' freqtrain) $(BIN)/freqtrain rehearse --runtime compose

gate: $(READY) ## judge all strategies on the embedded market
	@$(BIN)/freqtrain gate

test: $(READY) ## run the tests, on up to four processors
	@$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(READY) ## what CI checks besides the tests: format, lint, types, import contracts, environments
	@$(BIN)/ruff format --check pipeline tests benchmarks
	@$(BIN)/ruff check pipeline tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/freqtrain environment check

format: $(READY) ## put the code into shape
	@$(BIN)/ruff format pipeline tests benchmarks
	@$(BIN)/ruff check --fix pipeline tests benchmarks

new: $(READY) ## make a strategy: make new ID=my_idea
	@test -n "$(ID)" || { echo "which id? as in: make new ID=my_idea" >&2; exit 2; }
	@$(BIN)/freqtrain new $(ID)

update: $(READY) ## merge a newer framework: make update, or make update FREQTRAIN_FROM=URL; yours stays as it is
	@$(BIN)/freqtrain update $(UPDATE)
	@$(MAKE) --no-print-directory $(READY)
	@$(BIN)/freqtrain environment check

lock: ## pin the dependencies anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --extra strategies --extra pictures --extra dev pyproject.toml -o requirements.lock

image: ## build the image of bots and framework for this machine (needs Docker); BASE=… takes another base
	@runner/build-image $(if $(BASE),--build-arg BASE=$(BASE))

image-arm64: $(READY) ## test the image for arm64, emulated where this machine is another (needs Docker, and qemu-user-static)
	@$(BIN)/python -m pytest tests/runner/test_image_arm64.py

clean: ## remove what the recipes made, but no data sets
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
