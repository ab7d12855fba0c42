# Everything a fresh machine needs: Python 3.11 to 3.13 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
DEMO ?= demo-workspace

.PHONY: demo test lint bench sample clean
.DEFAULT_GOAL := demo

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "twinimpact needs Python 3.11, 3.12 or 3.13; call make PYTHON=/path/to/python")'
ifeq ($(UV),)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[static,spss,test]'
else
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[static,spss,test]'
endif
	@touch $@

demo: $(VENV)/.ready  ## make every report of the demo workspace
	$(BIN)/twinimpact demo $(DEMO)

test: $(VENV)/.ready  ## the whole gate: ruff, mypy, pytest
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest

lint: $(VENV)/.ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/mypy

# Peers are installed one by one under our own constraints: one that cannot be had, or that wants
# other versions than ours, is passed over, and the script that would use it says so.
ifeq ($(UV),)
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
else
INSTALL = $(UV) pip install --quiet --python $(BIN)/python -c constraints.txt
endif

bench: $(VENV)/.ready  ## side by side with the peers, printed as ratios
	@grep -v '^#' benchmarks/peers.txt | while read -r peer; do \
	  [ -z "$$peer" ] || $(INSTALL) "$$peer" </dev/null 2>/dev/null || echo "$$peer cannot be installed here"; \
	done
	@failed=0; for file in benchmarks/*.py; do \
	  echo "== $$file"; $(BIN)/python $$file || failed=1; \
	done; exit $$failed

sample: $(VENV)/.ready  ## remake reports/sample from the demo workspace
	$(BIN)/python -m twinimpact.run.sample reports/sample

clean:
	rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
