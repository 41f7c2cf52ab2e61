# `make run` starts Espalier, `make test` runs everything CI runs. Both need python3 >= 3.11 and nothing else.
PY := .venv/bin/python
UV := uv
.PHONY: run link test faults lint format bench lock install install-dev

run: install
	@exec $(PY) manage.py serve

# A fresh one-time sign-in link to the server that is running.
link: install
	@$(PY) manage.py sign_in_link

test: install-dev
	@$(MAKE) --no-print-directory lint
	@$(PY) -m tests.support.suite

# The tests of faults in full length: a hundred start-stop cycles instead of a few.
faults: install-dev
	@FAULTS=long $(PY) -m pytest tests/faults

lint: install-dev
	@$(PY) -m tests.support.lint

format: install-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: install-dev
	@$(PY) -m bench

# Needs uv. The files name no index address, so that they work with whatever index pip is set to.
COMPILE := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock:
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --output-file requirements-dev.txt
	$(COMPILE) --group dev --group servers --output-file requirements-servers.txt

install:
	@sh .ci/install.sh requirements.txt

install-dev:
	@sh .ci/install.sh requirements-dev.txt
