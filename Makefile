# Shortcuts for developers; the README's commands need no make.
PYTHON ?= python3
VENV ?= .venv

.PHONY: venv check test format errors bench lock

venv:  ## a virtual environment with everything for development
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install -q -c requirements.lock -e '.[test]'

check:  ## ruff, mypy, import-linter and all tests, as the gate runs them
	$(VENV)/bin/python -m tests

test:  ## the tests alone
	$(VENV)/bin/python -m pytest -n 2 -q

format:  ## write the code the way the gate wants it
	$(VENV)/bin/python -m ruff check --fix .
	$(VENV)/bin/python -m ruff format .

errors:  ## docs/errors.md from the catalogue
	$(VENV)/bin/python -m cryptex.protocol.errors_page > docs/errors.md

bench:  ## all figures of docs/performance.md; ten minutes
	$(VENV)/bin/python -m benchmarks

lock:  ## write down the versions that are installed now
	$(VENV)/bin/pip freeze --exclude-editable > requirements.lock
