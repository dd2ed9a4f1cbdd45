# Shortcuts for developers; the README's commands need no make.
PYTHON ?= python3
VENV ?= .venv

.PHONY: venv check test format errors keys pictures storm audit bench lock

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

keys:  ## docs/keys.md from the terminal's actions
	$(VENV)/bin/python -m cryptex.tui.keys.keys_page > docs/keys.md

pictures:  ## docs/terminal*.svg from the terminal before a scripted market
	$(VENV)/bin/python -m tests.tui.pictures

storm:  ## the tests of the worst day in their long form (docs/reliability.md); half an hour
	$(VENV)/bin/python -m tests.storm

audit:  ## security rules, advisories for what is pinned, licences, and secrets in the repository
	$(VENV)/bin/python -m tests.audit

bench:  ## all figures of docs/performance.md, of the package as it is installed (engine compiled); ten minutes
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install -q -c requirements.lock .
	rm -rf build/bench && mkdir -p build/bench && cp -r benchmarks build/bench/
	cd build/bench && ../../.venv-bench/bin/python -m benchmarks

lock:  ## write down the versions that are installed now
	$(VENV)/bin/pip freeze --exclude-editable > requirements.lock
