# The one door. Every target sets itself up first; nothing has to be installed but Python 3.11 and make.
PYTHON ?= python3

.PHONY: help setup demo serve test check fix bench

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: ## the virtual environment only
	@exec $(PYTHON) bootstrap.py setup

demo: ## everything, with a simulated store feeding it (PORT, DATA_DIR)
	@exec $(PYTHON) bootstrap.py demo

serve: ## an empty system, ready to provision (PORT, DATA_DIR)
	@exec $(PYTHON) bootstrap.py serve

test: ## all tests: embedded, then on the servers that answer
	@exec $(PYTHON) bootstrap.py test

check: ## lint, types, imports, migrations, documents
	@exec $(PYTHON) bootstrap.py check

fix: ## let the linter repair what it can
	@exec $(PYTHON) bootstrap.py fix

bench: ## figures for docs/benchmarks.md
	@exec $(PYTHON) bootstrap.py bench
