# `make` lists what can be made. Everything lives in .venv; a second call finds its stamps and is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PACKAGES := ner matching training metier
WHEEL_LIMIT_MB := 95

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.DEFAULT_GOAL := help
.PHONY: help install demo test lint check bench clean compiler

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMPS)/package ## create .venv with the base installation (no torch)

demo: install ## install, then match the sample resumes and tag the sample job posts
	@echo "==> demo: a sample resume becomes tagged skills and explained occupations"
	$(BIN)/metier demo

test: $(STAMPS)/dev ## install, then run the fast tests (no torch needed)
	@echo "==> test: the fast tests; tests of torch, or of METIER_DATA when it is unset, skip and say so"
	$(BIN)/python -m pytest -m "not slow"

lint: $(STAMPS)/dev ## check style and types (ruff, mypy --strict)
	@echo "==> lint: ruff and mypy --strict"
	$(BIN)/ruff check .
	$(BIN)/mypy --strict $(addprefix -p ,$(PACKAGES))

check: $(STAMPS)/training lint ## lint, all tests with the training environment, size of the wheel
	@echo "==> check: all tests, slow ones and those of torch included"
	$(BIN)/python -m pytest
	@echo "==> check: the wheel is built and weighed"
	@rm -rf build dist
	$(BIN)/python -m pip wheel -qq --no-deps --wheel-dir dist .
	@bytes=$$(cat dist/metier-*.whl | wc -c); mb=$$((bytes / 1000000)); \
	if [ $$bytes -eq 0 ]; then echo "error: no wheel was built"; exit 1; fi; \
	if [ $$bytes -ge $$(($(WHEEL_LIMIT_MB) * 1000000)) ]; then \
	  echo "error: the wheel has $$mb MB, the limit is $(WHEEL_LIMIT_MB) MB"; exit 1; fi; \
	echo "wheel: $$mb MB, below the limit of $(WHEEL_LIMIT_MB) MB"

bench: $(STAMPS)/training ## score the shipped weights on METIER_DATA (see benchmarks/)
	@if [ -z "$$METIER_DATA" ]; then \
	  echo "error: METIER_DATA is unset"; echo "hint: set it to the folder of the development files"; \
	  exit 2; fi
	@echo "==> bench: figures on the development files"
	$(BIN)/python benchmarks/development_figures.py
	@echo "==> bench: HNSW against the exact search"
	$(BIN)/python benchmarks/hnsw_recall.py
	@if ls training/checkpoints/*/config.json > /dev/null 2>&1; then \
	  echo "==> bench: int8 against float32, for the weights that training/checkpoints holds"; \
	  $(BIN)/python benchmarks/int8_against_float.py; \
	else echo "==> bench: int8 against float32 is left out: training/checkpoints holds no weights"; fi

clean: ## remove .venv, builds and caches
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# hnswlib has no wheels: it is compiled here. Debian and Ubuntu as root get what is missing.
compiler:
	@bash .ci/compiler "$(PYTHON)"

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: $(PYTHON) is older than 3.11"; echo "hint: make PYTHON=python3.11 ..."; exit 1; }
	@$(MAKE) --no-print-directory compiler
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

# Without --no-cache-dir pip would take an hnswlib built for one CPU from its cache and ignore the
# variable, which asks for a build that runs on any CPU of this kind.
$(STAMPS)/base: locks/base.lock | $(STAMPS)/venv
	@echo "==> installing the base (about 65 MB to download; hnswlib is compiled)"
	HNSWLIB_NO_NATIVE=1 $(BIN)/python -m pip install -qq --no-cache-dir --require-hashes -r locks/base.lock
	@touch $@

$(STAMPS)/package: pyproject.toml $(STAMPS)/base
	$(BIN)/python -m pip install -qq --no-deps -e .
	@touch $@

$(STAMPS)/dev: locks/dev.lock $(STAMPS)/package
	@echo "==> installing the test and lint tools"
	$(BIN)/python -m pip install -qq --require-hashes -r locks/dev.lock
	@touch $@

# hnswlib is there already, at the locked version: pip does not build it again.
$(STAMPS)/training: locks/training.lock $(STAMPS)/dev
	@echo "==> installing the training environment (torch first; 2 GB on disk)"
	$(BIN)/python -m pip install -qq torch==2.13.0
	$(BIN)/python -m pip install -qq --require-hashes -r locks/training.lock
	@touch $@
